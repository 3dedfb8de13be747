/*
 * transfer.c - see transfer.h.  Pieces form a ring: started at its end, finished at
 * its front.  What has been acknowledged is a prefix, from which a transfer goes
 * on after a lost connection.  [MS-SMB2] 3.2.4.6, 3.2.4.7
 */
#include "clientd/session/transfer.h"

#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

static void
on_piece(void *ctx)
{
	struct piece *p = ctx;

	p->answered = true;
	waitq_wake(&p->t->progress);
}

/* Enough pieces for eight in flight whatever the server's credits, none larger than it takes. */
static void
transfer_size(struct transfer *t)
{
	const struct conn *c = t->w->conn;
	uint32_t most	     = t->put ? c->nego.max_write : c->nego.max_read;
	uint32_t credits     = credit_ceiling(c);
	uint64_t share	     = (uint64_t)credits * PIECE_UNIT / 8 / PIECE_UNIT * PIECE_UNIT;

	t->piece = most < PIECE_SIZE ? most : PIECE_SIZE;
	if (share < t->piece)
		t->piece = share > PIECE_UNIT ? (uint32_t)share : PIECE_UNIT;
	if (t->piece > most)
		t->piece = most;
	t->window = PIECES_MAX;
	if (credits / smb2_charge_for(t->piece) < t->window)
		t->window = (unsigned)(credits / smb2_charge_for(t->piece));
	if (t->window == 0)
		t->window = 1;
}

/* ---- pieces ---- */

static nt
piece_read(struct transfer *t, struct piece *p)
{
	const struct smb2_read_req req = { .length = p->len, .offset = p->off, .fid = t->fid };
	size_t at;

	TRY(where_begin(&p->m, t->w, MSG_ROOM));
	at = msg_add(&p->m, SMB2_CMD_read, t->w->tree_id, p->len);
	smb2_read_req_encode(&p->m.w, at, &req);
	return STATUS_SUCCESS;
}

/* The payload is read to where it is sent from. */
static nt
piece_write(struct transfer *t, struct piece *p)
{
	struct smb2_write_req req = { .length = p->len, .offset = p->off, .fid = t->fid };
	size_t at, n;
	uint8_t *payload;

	TRY(where_begin(&p->m, t->w, MSG_ROOM + p->len));
	at	= p->m.w.pos;
	payload = p->m.w.base + at + SMB2_HDR_SIZE + SMB2_WRITE_REQ_FIXED;
	TRY(local_read(t->local, p->off, payload, p->len, &n));
	t->drained = n < p->len;
	p->len = req.length = (uint32_t)n;
	if (n == 0)
		return STATUS_SUCCESS;
	at = msg_add(&p->m, SMB2_CMD_write, t->w->tree_id, n);
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

static nt
piece_start(struct transfer *t)
{
	struct piece *p = &t->ring[(t->first + t->count) % PIECES_MAX];
	uint64_t left	= t->end - t->next;
	nt s;

	*p = (struct piece){ .t = t, .off = t->next, .busy = true,
			     .len = left < t->piece ? (uint32_t)left : t->piece };
	s  = t->put ? piece_write(t, p) : piece_read(t, p);
	if (nt_failed(s) || p->len == 0) {
		piece_end(p);
		return s;
	}
	p->m.done = on_piece;
	p->m.ctx  = p;
	s	  = msg_submit(&p->m);
	if (nt_failed(s)) {
		piece_end(p);
		return s;
	}
	t->next += p->len;
	t->count++;
	if (t->count > t->job->progress.in_flight)
		t->job->progress.in_flight = t->count;
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

static void
transfer_drop(struct transfer *t)
{
	for (; t->count > 0; t->count--) {
		piece_end(&t->ring[t->first]);
		t->first = (t->first + 1) % PIECES_MAX;
	}
}

/* The front piece is answered. */
static nt
piece_finish(struct transfer *t, struct piece *p)
{
	nt s = p->m.lost;

	if (!nt_failed(s))
		s = t->put ? piece_was_written(t, p) : piece_was_read(t, p);
	t->first = (t->first + 1) % PIECES_MAX;
	t->count--;
	piece_end(p);
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

static nt
transfer_loop(struct transfer *t)
{
	for (;;) {
		struct piece *p = &t->ring[t->first];

		while (t->count < t->window && t->next < t->end && !t->drained)
			TRY(piece_start(t));
		if (t->count == 0)
			return STATUS_SUCCESS;
		p = &t->ring[t->first];
		if (p->answered)
			TRY(piece_finish(t, p));
		else
			TRY(fiber_wait(&t->progress));
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
