/*
 * finish.c - a frame whose requests are all answered becomes bytes: headers,
 * NextCommand, credits, then signatures or one encryption around it all.
 * [MS-SMB2] 3.3.4.1
 */
#include "base/fatal.h"
#include "base/log.h"
#include "proto/transport.h"
#include "smbd/setup.h"
#include "smbd/trace.h"

/* The pieces of one element: answer, payload, padding. */
static size_t
rq_iov(struct rq *rq, struct iovec *iov)
{
	size_t n = 0;

	iov[n++] = (struct iovec){ rq->w.base, rq->w.pos };
	if (rq->bulk_n > 0)
		iov[n++] = (struct iovec){ rq->bulk.p + rq->bulk_skip, rq->bulk_n };
	if (rq->pad > 0)
		iov[n++] = (struct iovec){ rq->padding, rq->pad };
	return n;
}

size_t
frame_iov(const struct frame *f, struct iovec *iov)
{
	size_t n = 0;

	for (struct rq *rq = f->first; rq; rq = rq->next)
		n += rq_iov(rq, iov + n);
	return n;
}

static size_t
rq_len(const struct rq *rq)
{
	return rq->w.pos + rq->bulk_n + rq->pad;
}

/* 3.3.1.2: what this answer grants.  The final answer after an interim one grants nothing. */
static uint16_t
rq_credits(const struct rq *rq)
{
	struct conn *c    = rq->frame->conn;
	uint16_t charge   = rq_charge(c, &rq->hdr);
	bool still_greets = rq->hdr.command == SMB2_CMD_session_setup && !nt_ok(rq->status);

	if (rq->no_sign && rq->hdr.message_id == SMB2_MESSAGE_ID_UNSOLICITED)
		return 0;
	if (rq->async_id != 0 && !nt_is(rq->status, STATUS_PENDING))
		return 0;
	return window_grant(&c->window, charge, rq->hdr.credits, still_greets ? 0 : WINDOW_MAX);
}

/*
 * Interim answers too, which 3.3.4.1.1 leaves unsigned and clients need not
 * verify: go-smb2 (rclone) takes an unsigned one for an attack.
 */
static bool
rq_signs(const struct rq *rq)
{
	return !rq->frame->sealed && !rq->no_sign && rq->chan && rq->chan->signer &&
	       (rq->must_sign || rq->chan->session->policy.must_sign ||
		   (rq->hdr.flags & SMB2_FLAGS_SIGNED));
}

static void
rq_write_header(struct rq *rq, uint16_t credits)
{
	struct wr w         = wr_init(rq->w.base, SMB2_HDR_SIZE);
	struct smb2_hdr hdr = rq->hdr;

	hdr.status  = rq->status;
	hdr.credits = credits;
	hdr.next    = rq->next ? (uint32_t)rq_len(rq) : 0;
	hdr.flags   = SMB2_FLAGS_SERVER_TO_REDIR |
		    (rq->hdr.flags & (SMB2_FLAGS_RELATED_OPERATIONS | SMB2_FLAGS_PRIORITY_MASK));
	if (rq->async_id != 0)
		hdr.flags |= SMB2_FLAGS_ASYNC_COMMAND;
	if (rq_signs(rq))
		hdr.flags |= SMB2_FLAGS_SIGNED;
	hdr.async_id = rq->async_id;
	if (rq->chan && rq->handled)
		hdr.session_id = rq->chan->session->id;
	if (rq->tree_id != 0)
		hdr.tree_id = rq->tree_id;
	memset(hdr.signature, 0, sizeof hdr.signature);
	smb2_hdr_encode(&w, &hdr);
}

/* All credits of a compound stand in its last answer, as Windows has it; never above WINDOW_MAX. */
static void
frame_write_headers(struct frame *f)
{
	uint32_t credits = 0;

	for (struct rq *rq = f->first; rq; rq = rq->next) {
		rq->pad = rq->next ? (8 - (rq->w.pos + rq->bulk_n) % 8) % 8 : 0;
		credits += rq_credits(rq);
		rq_write_header(rq, rq->next ? 0 : (uint16_t)credits);
		f->total += rq_len(rq);
	}
}

/* 3.1.4.4: the session's hash covers every answer but the last. */
static void
frame_hash(struct frame *f)
{
	for (struct rq *rq = f->first; rq; rq = rq->next)
		if (rq->setup)
			setup_answered(rq, wr_done(&rq->w));
}

static nt
frame_sign(struct frame *f)
{
	struct iovec iov[3];

	for (struct rq *rq = f->first; rq; rq = rq->next)
		if (rq_signs(rq))
			TRY(smb2_sign(rq->chan->signer, iov, rq_iov(rq, iov)));
	return STATUS_SUCCESS;
}

/* 3.3.4.1.4: as the client spoke, and whenever session or share say so. */
static struct chan *
frame_sealer(const struct frame *f)
{
	if (f->sealed)
		return f->seal_chan;
	for (const struct rq *rq = f->first; rq; rq = rq->next)
		if (rq->must_seal && rq->chan && rq->chan->session->out)
			return rq->chan;
	return NULL;
}

static nt
frame_seal(struct frame *f, const struct chan *by)
{
	struct iovec iov[FRAME_IOV];

	TRY(smb2_seal(by->session->out, by->session->id, iov, frame_iov(f, iov),
	    f->lead + TRANSPORT_HDR_SIZE));
	f->lead_n += SMB2_TRANSFORM_SIZE;
	return STATUS_SUCCESS;
}

void
frame_finish(struct frame *f)
{
	struct conn *c = f->conn;
	struct chan *by;
	nt s;

	ENSURE(f->left == 0 && f->first);
	by        = frame_sealer(f);
	f->sealed = by != NULL;
	f->lead_n = TRANSPORT_HDR_SIZE;
	frame_write_headers(f);
	s = by ? STATUS_SUCCESS : frame_sign(f);
	frame_hash(f);	/* as sent: signed, but not encrypted */
	if (smbd_is_traced(c->worker->smbd))
		trace_answer(f);
	if (by)
		s = frame_seal(f, by);
	if (nt_failed(s)) {
		log_error("an answer could not be protected status=%s", nt_name(s));
		conn_close(c, "no more nonces, or libcrypto failed");
		return;
	}
	f->total += f->lead_n;
	transport_encode(f->lead, (uint32_t)(f->total - TRANSPORT_HDR_SIZE));
	if (f->first->async_id != 0 && !nt_is(f->first->status, STATUS_PENDING))
		c->n_async--;
	TAILQ_REMOVE(&c->frames, f, of_conn);
	TAILQ_INSERT_TAIL(&c->outgoing, f, of_conn);
	c->n_outgoing++;
	conn_dirty(c);
}
