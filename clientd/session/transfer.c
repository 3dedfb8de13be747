/*
 * transfer.c - see transfer.h.  Pieces form a ring: started at its end, finished at
 * its front.  What has been acknowledged is a prefix, from which a transfer goes
 * on after a lost connection.  [MS-SMB2] 3.2.4.6, 3.2.4.7
 */
#include "clientd/session/transfer.h"

#include "clientd/session/channel.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

#define AGAIN_MAX      8u
#define AGAIN_PAUSE_MS 25u	/* doubled each time */

static void
on_piece(void *ctx)
{
	struct piece *p = ctx;

	p->answered = true;
	waitq_wake(&p->t->progress);
}

static nt
piece_begin(struct transfer *t, struct piece *p, size_t room)
{
	TRY(msg_begin(&p->m, transfer_channel(t, p->len), room));
	p->m.force_seal = t->w->seal;
	return STATUS_SUCCESS;
}

/* Enough pieces for eight in flight whatever the server's credits, none larger than it takes. */
static void
transfer_size(struct transfer *t)
{
	const struct conn *c = t->w->conn;
	uint32_t most	     = t->put ? c->nego.max_write : c->nego.max_read;
	uint64_t credits     = credit_ceiling(c);
	uint64_t share	     = credits * PIECE_UNIT / 8 / PIECE_UNIT * PIECE_UNIT;

	t->piece = most < PIECE_SIZE ? most : PIECE_SIZE;
	if (share < t->piece)
		t->piece = share > PIECE_UNIT ? (uint32_t)share : PIECE_UNIT;
	if (t->piece > most)
		t->piece = most;
	t->window = PIECES_MAX;
	credits	  = credits / smb2_charge_for(t->piece) * channels_count(c);
	if (credits < t->window)
		t->window = (unsigned)credits;
	if (t->window == 0)
		t->window = 1;
}

/* ---- pieces ---- */

static nt
piece_read(struct transfer *t, struct piece *p)
{
	const struct smb2_read_req req = { .length = p->len, .offset = p->off, .fid = t->fid };
	size_t at;

	TRY(piece_begin(t, p, MSG_ROOM));
	at = msg_add(&p->m, SMB2_CMD_read, t->w->tree_id, p->len);
	smb2_read_req_encode(&p->m.w, at, &req);
	return STATUS_SUCCESS;
}

/* The payload is read to where it is sent from. */
static nt
piece_write(struct transfer *t, struct piece *p)
{
	struct smb2_write_req req = { .length = p->len, .offset = p->off, .fid = t->fid };
	size_t at, n = p->len;
	uint8_t *payload;

	TRY(piece_begin(t, p, MSG_ROOM + p->len));
	at	= p->m.w.pos;
	payload = p->m.w.base + at + SMB2_HDR_SIZE + SMB2_WRITE_REQ_FIXED;
	if (p->again > 0) {
		TRY(local_read_again(t->local, p->off, payload, p->len));
	} else {
		TRY(local_read(t->local, p->off, payload, p->len, &n));
		t->drained = n < p->len;
	}
	p->len = req.length = (uint32_t)n;
	if (n == 0)
		return STATUS_SUCCESS;
	at = msg_add(&p->m, SMB2_CMD_write, t->w->tree_id, n);
	if (p->again > 0 && t->w->conn->nego.dialect >= SMB2_DIALECT_300)
		smb2_hdr_patch_flags(&p->m.w, at, SMB2_FLAGS_REPLAY_OPERATION);
	smb2_write_req_encode_head(&p->m.w, at, &req);
	(void)wr_take(&p->m.w, n);
	return STATUS_SUCCESS;
}

static void
piece_end(struct piece *p)
{
	msg_end(&p->m);
	p->busy = p->answered = false;
}

/* The front one leaves the ring. */
static void
piece_leave(struct transfer *t)
{
	struct piece *p = &t->ring[t->first];

	t->first = (t->first + 1) % PIECES_MAX;
	t->count--;
	t->moving -= !p->hole;
	piece_end(p);
}

/* len is 0 where the source has no more: nothing was sent. */
static nt
piece_send(struct transfer *t, struct piece *p)
{
	TRY(t->put ? piece_write(t, p) : piece_read(t, p));
	p->m.done = on_piece;
	p->m.ctx  = p;
	return p->len > 0 ? msg_submit(&p->m) : STATUS_SUCCESS;
}

/* Up to where it is data, or a hole. */
static nt
transfer_look(struct transfer *t, uint64_t *ret_to, bool *ret_hole)
{
	*ret_to	  = t->end;
	*ret_hole = false;
	if (t->extents && t->put)
		local_look(t->local, t->next, ret_to, ret_hole);
	else if (t->extents)
		return extents_there(t->extents, t->w, t->fid, t->next, t->end, ret_to, ret_hole);
	return STATUS_SUCCESS;
}

static nt
piece_start(struct transfer *t)
{
	struct piece *p = &t->ring[(t->first + t->count) % PIECES_MAX];
	uint64_t to;
	uint32_t most;
	bool hole;
	nt s;

	TRY(transfer_look(t, &to, &hole));
	most = hole ? HOLE_MAX : t->piece;
	*p   = (struct piece){ .t = t, .off = t->next, .busy = true, .hole = hole, .answered = hole,
			       .len = to - t->next < most ? (uint32_t)(to - t->next) : most };
	s    = hole ? STATUS_SUCCESS : piece_send(t, p);
	if (nt_failed(s) || p->len == 0) {
		piece_end(p);
		return s;
	}
	t->next += p->len;
	t->count++;
	t->moving += !hole;
	if (t->moving > t->job->progress.in_flight)
		t->job->progress.in_flight = t->moving;
	return STATUS_SUCCESS;
}

/* Data came: the others were not forgotten, they wait for their turn on the wire. */
static void
transfer_refresh(struct transfer *t)
{
	for (unsigned i = 0; i < t->count; i++)
		msg_refresh(&t->ring[(t->first + i) % PIECES_MAX].m);
}

/* ---- answers ---- */

static nt
piece_was_read(struct transfer *t, struct piece *p)
{
	struct reply *rep = &p->m.reply[0];
	struct smb2_read_rsp rsp;

	if (nt_is(rep->status, STATUS_END_OF_FILE)) {
		t->end = p->off;	/* it is shorter than it was */
		return STATUS_SUCCESS;
	}
	TRY(rep->status);
	ANSWER(smb2_read_rsp_decode(&rep->body, &rsp));
	REQUIRE(rsp.data.n <= p->len && rsp.data.n > 0, STATUS_INVALID_NETWORK_RESPONSE);
	TRY(local_write(t->local, p->off, rsp.data));
	t->done = p->off + rsp.data.n;
	return STATUS_SUCCESS;
}

static nt
piece_was_written(struct transfer *t, struct piece *p)
{
	struct reply *rep = &p->m.reply[0];
	struct smb2_write_rsp rsp;

	TRY(rep->status);
	ANSWER(smb2_write_rsp_decode(&rep->body, &rsp));
	REQUIRE(rsp.count <= p->len, STATUS_INVALID_NETWORK_RESPONSE);
	REQUIRE(rsp.count == p->len, STATUS_DISK_FULL);
	t->done = p->off + p->len;
	return STATUS_SUCCESS;
}

static nt
piece_was_hole(struct transfer *t, struct piece *p)
{
	TRY(t->put ? local_skip(t->local, p->len) : local_hole(t->local, p->off, p->len));
	t->done = p->off + p->len;
	return STATUS_SUCCESS;
}

static void
transfer_drop(struct transfer *t)
{
	while (t->count > 0)
		piece_leave(t);
}

/* The front piece is answered. */
static nt
piece_finish(struct transfer *t, struct piece *p)
{
	nt s = p->m.lost;

	if (!nt_failed(s) && p->hole)
		s = piece_was_hole(t, p);
	else if (!nt_failed(s))
		s = t->put ? piece_was_written(t, p) : piece_was_read(t, p);
	piece_leave(t);
	TRY(s);
	t->job->progress.done = t->done;
	/* A short answer leaves a hole: everything behind it is asked for again. */
	if (!t->put && t->done < t->next && t->count == 0)
		t->next = t->done;
	else if (!t->put && t->count > 0 && t->ring[t->first].off != t->done) {
		transfer_drop(t);
		t->next = t->done;
	}
	transfer_refresh(t);
	return STATUS_SUCCESS;
}

/* ---- a channel was lost ---- */

static bool
is_lost(const struct piece *p)
{
	const nt why = p->m.lost;

	return p->answered && (nt_is(why, STATUS_CONNECTION_RESET) || nt_is(why, STATUS_IO_TIMEOUT) ||
			       nt_is(why, STATUS_USER_SESSION_DELETED)) &&
	       !conn_is_open(p->m.conn);
}

/* 3.2.5.12, 3.3.5.2.10: what was sent over the lost channel may still be under way there. */
static bool
is_too_early(const struct transfer *t, const struct piece *p)
{
	return t->put && p->answered && p->again < AGAIN_MAX && nt_ok(p->m.lost) &&
	       nt_is(p->m.reply[0].status, STATUS_FILE_NOT_AVAILABLE);
}

static nt
piece_again(struct transfer *t, struct piece *p)
{
	msg_end(&p->m);
	p->answered = false;
	p->again++;
	return piece_send(t, p);
}

/* What was on a lost channel goes over another one; a pipe cannot give its bytes again. */
static nt
transfer_rescue(struct transfer *t)
{
	if (t->put && !local_repeats(t->local))
		return STATUS_SUCCESS;
	for (unsigned i = 0; i < t->count; i++) {
		struct piece *p = &t->ring[(t->first + i) % PIECES_MAX];

		if (is_lost(p) && p->again < AGAIN_MAX && conn_is_open(conn_alive(p->m.conn)))
			TRY(piece_again(t, p));
	}
	return STATUS_SUCCESS;
}

static nt
transfer_loop(struct transfer *t)
{
	for (;;) {
		struct piece *p = &t->ring[t->first];

		TRY(transfer_rescue(t));

		while (t->count < t->window && t->next < t->end && !t->drained)
			TRY(piece_start(t));
		if (t->count == 0)
			return STATUS_SUCCESS;
		p = &t->ring[t->first];
		if (is_too_early(t, p)) {
			TRY(fiber_wait_ms(NULL, AGAIN_PAUSE_MS << p->again));
			TRY(piece_again(t, p));
		} else if (p->answered) {
			TRY(piece_finish(t, p));
		} else {
			TRY(fiber_wait(&t->progress));
		}
	}
}

nt
transfer_run(struct transfer *t)
{
	nt s;

	transfer_size(t);
	t->done = t->next;
	s	= transfer_loop(t);
	transfer_drop(t);
	return s;
}
