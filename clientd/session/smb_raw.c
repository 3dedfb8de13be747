/*
 * smb_raw.c - the lowest level: a script's own bytes as one SMB2 message, malformed
 * if it likes, and the answer's bytes.  With RAW_MESSAGE_ID it travels among our
 * requests; without, nothing of it is changed, and what comes with its message id
 * is taken for its answer.
 */
#include <stdlib.h>

#include "clientd/session/session.h"

#define RAW_MAX	    (1024u * 1024)
#define RAW_WAIT_MS 120000u

/* Ids, credits and session go in; flags and everything else stay as they are. */
static void
raw_number(const struct conn *c, struct msg *m, size_t at)
{
	struct wr w = m->w;

	w.pos = at + SMB2_HDR_AT_SIGNATURE - 8;	/* SessionId stands before Signature */
	wr_u64(&w, c->session_id);
}

static nt
raw_begin(struct msg *m, struct conn *c, const struct smb_raw_req *req, struct span bytes)
{
	struct rd r = rd_init(bytes);
	struct smb2_hdr h = { 0 };
	size_t at;

	TRY(msg_begin(m, c, MSG_ROOM + bytes.n));
	m->packet->sign = (req->flags & RAW_SIGN) != 0;
	m->packet->seal = (req->flags & RAW_ENCRYPT) != 0;
	/* Whatever the header says is what comes back; a header that is none has no answer. */
	if (nt_failed(smb2_hdr_decode(&r, &h)))
		REQUIRE(!(req->flags & (RAW_MESSAGE_ID | RAW_SIGN)), STATUS_INVALID_PARAMETER);
	at = msg_add(m, h.command, h.tree_id, 0);
	m->rq[0]->charge = h.credit_charge > 0 ? h.credit_charge : 1;
	m->packet->charge = m->rq[0]->charge;
	m->w.pos = at;
	wr_span(&m->w, bytes);
	if (req->flags & RAW_MESSAGE_ID) {
		raw_number(c, m, at);
		return STATUS_SUCCESS;
	}
	m->packet->raw	     = true;
	m->packet->charge    = 0;
	m->rq[0]->message_id = h.message_id;
	m->rq[0]->raw	     = true;
	return STATUS_SUCCESS;
}

nt
smb_raw(struct client *me, struct job *j, const struct smb_raw_req *req, struct smb_raw_rsp *rsp)
{
	struct session *s		     = session_find(me, req->session);
	struct span bytes		     = call_data(j->call);
	struct conn *c CLEANUP(conn_release) = NULL;
	struct msg m CLEANUP(msg_end)	     = { 0 };
	struct reply *rep		     = &m.reply[0];
	uint8_t *copy;

	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	REQUIRE(bytes.n > 0 && bytes.n <= RAW_MAX && req->wait_ms <= RAW_WAIT_MS,
		STATUS_INVALID_PARAMETER);
	j->session = req->session;
	TRY(session_ready(s, &c));
	TRY(raw_begin(&m, c, req, bytes));
	m.timeout_ms = req->wait_ms ? req->wait_ms : 1000;
	TRY(msg_submit(&m));
	conn_transmit(c);	/* so that it has its number */
	rsp->message_id = m.rq[0] ? m.rq[0]->message_id : 0;
	if (req->wait_ms == 0) {
		msg_forget(&m);
		return STATUS_SUCCESS;
	}
	TRY(msg_wait(&m));
	copy = fiber_alloc(rep->raw.n + 1);
	memcpy(copy, rep->raw.p, rep->raw.n);
	j->data = SPAN(copy, rep->raw.n);
	return STATUS_SUCCESS;
}
