/*
 * request.c - see request.h.  A request lives with its connection until its
 * answer has come, whether or not somebody still waits for it: a message id that
 * was spent must not be taken for another.  [MS-SMB2] 3.2.4.1, 3.2.4.24, 3.2.5.1
 */
#include "clientd/session/request.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "clientd/session/client.h"
#include "proto/smb2/cancel.h"
#include "proto/smb2/close.h"

/* ---- building ---- */

nt
msg_begin(struct msg *m, struct conn *c, size_t room)
{
	struct packet *p;

	REQUIRE(conn_is_open(c), c ? c->why : STATUS_CONNECTION_RESET);
	p = calloc(1, sizeof *p);
	REQUIRE(p, STATUS_INSUFFICIENT_RESOURCES);
	p->buf = malloc(PACKET_LEAD + room);
	if (!p->buf) {
		free(p);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*m	  = (struct msg){ .conn = c, .packet = p };
	m->w	  = wr_init(p->buf, PACKET_LEAD + room);
	m->w.pos  = PACKET_LEAD;
	p->seal	  = c->seal;
	p->sign	  = c->sign;
	conn_hold(c);
	return STATUS_SUCCESS;
}

static uint16_t
charge_of(const struct conn *c, uint64_t payload)
{
	bool multi = c->nego.dialect > SMB2_DIALECT_202 &&
		     (c->nego.server_caps & SMB2_GLOBAL_CAP_LARGE_MTU);

	return multi ? (uint16_t)smb2_charge_for(payload) : 1;
}

size_t
msg_add(struct msg *m, uint16_t command, uint32_t tree_id, uint64_t payload)
{
	struct packet *p   = m->packet;
	struct request *rq = xcalloc(1, sizeof *rq);
	struct smb2_hdr h  = { .command = command, .tree_id = tree_id,
			       .session_id = m->conn->session_id, .process_id = 0xFEFF };

	ENSURE(m->n < MSG_ELEMENTS);
	if (m->n > 0) {
		smb2_hdr_close_element(&m->w, p->at[m->n - 1]);
		h.flags = SMB2_FLAGS_RELATED_OPERATIONS;
	}
	*rq = (struct request){ .msg = m, .index = m->n, .command = command, .tree_id = tree_id,
				.charge = charge_of(m->conn, payload) };
	/* 2.2.1.2: the field is reserved in 2.0.2 */
	h.credit_charge	= m->conn->nego.dialect > SMB2_DIALECT_202 ? rq->charge : 0;
	p->at[m->n]	= m->w.pos;
	p->rq[m->n]	= rq;
	m->rq[m->n]	= rq;
	p->charge += rq->charge;
	p->n = ++m->n;
	smb2_hdr_encode(&m->w, &h);
	return p->at[m->n - 1];
}

/* ---- on its way ---- */

static uint64_t
deadline_of(const struct msg *m)
{
	uint64_t ms = m->timeout_ms ? m->timeout_ms : m->conn->timeout_ms;

	return ms == UINT32_MAX ? 0 : clock_mono_ns() + ms * NS_PER_MS;
}

nt
msg_submit(struct msg *m)
{
	struct conn *c	 = m->conn;
	struct packet *p = m->packet;

	REQUIRE(wr_ok(&m->w), STATUS_INVALID_PARAMETER);
	REQUIRE(conn_is_open(c), c->why);
	/* A compound larger than all the server ever gave us would wait for ever. */
	REQUIRE(p->charge <= credit_ceiling(c) || c->n_in_flight > 0 || !TAILQ_EMPTY(&c->waiting),
		STATUS_INSUFFICIENT_RESOURCES);
	p->end	  = m->w.pos;
	p->seal	  = (p->seal || m->force_seal) && c->out;
	p->sign	  = (p->sign || m->force_sign) && c->signer;
	m->packet = NULL;
	for (unsigned i = 0; i < m->n; i++) {
		struct request *rq = m->rq[i];

		rq->deadline = deadline_of(m);
		/* 3.2.5.3: the keys that verify the last answer come with it */
		rq->unverified = rq->command == SMB2_CMD_session_setup && !c->ready;
		TAILQ_INSERT_TAIL(&c->in_flight, rq, of_conn);
	}
	m->open = m->n;
	TAILQ_INSERT_TAIL(&c->waiting, p, of_conn);
	if (c->sweep.slot == 0)
		loop_timer_set(c->client->loop, &c->sweep, SWEEP_MS, requests_sweep, c);
	conn_dirty(c);
	return STATUS_SUCCESS;
}

nt
msg_wait(struct msg *m)
{
	while (m->open > 0 && nt_ok(m->lost))
		TRY(fiber_wait(&m->answered));
	return m->lost;
}

nt
msg_exchange(struct msg *m)
{
	TRY(msg_submit(m));
	return msg_wait(m);
}

void
msg_refresh(struct msg *m)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->rq[i] && m->rq[i]->deadline)
			m->rq[i]->deadline = deadline_of(m);
}

/* ---- not wanted any more ---- */

/* 3.2.4.24: the only message with another's id; it spends no credit and has no answer. */
void
request_cancel(struct conn *c, const struct request *rq)
{
	struct smb2_cancel_req req = { 0 };
	struct smb2_hdr h = { .command = SMB2_CMD_cancel, .session_id = c->session_id,
			      .message_id = rq->message_id };
	struct packet *p  = calloc(1, sizeof *p);
	struct wr w;

	if (p)
		p->buf = malloc(PACKET_LEAD + 128);
	if (!p || !p->buf) {
		free(p);
		return;
	}
	if (rq->async) {
		h.flags	   = SMB2_FLAGS_ASYNC_COMMAND;
		h.async_id = rq->async_id;
	}
	w	 = wr_init(p->buf, PACKET_LEAD + 128);
	w.pos	 = PACKET_LEAD;
	p->at[0] = w.pos;
	smb2_hdr_encode(&w, &h);
	smb2_cancel_req_encode(&w, p->at[0], &req);
	p->end	= w.pos;
	p->n	= 1;
	p->seal = rq->sealed && c->out;
	p->sign = (c->sign || rq->signed_) && c->signer;
	if (nt_failed(packet_dress(c, p))) {
		packet_drop(p);
		return;
	}
	TAILQ_INSERT_TAIL(&c->outgoing, p, of_conn);
	conn_dirty(c);
}

void
msg_cancel(struct msg *m)
{
	struct conn *c = m->conn;

	for (unsigned i = 0; conn_is_open(c) && i < m->n; i++)
		if (m->rq[i] && m->rq[i]->sent)
			request_cancel(c, m->rq[i]);
}

/* A message that never left goes without a trace; answers to what did are reaped. */
static void
msg_withdraw(struct msg *m)
{
	struct conn *c = m->conn;
	struct packet *p;

	msg_cancel(m);
	for (unsigned i = 0; i < m->n; i++) {
		if (!m->rq[i])
			continue;
		m->rq[i]->msg	   = NULL;
		m->rq[i]->deadline = clock_mono_ns() + c->timeout_ms * (uint64_t)NS_PER_MS;
	}
	TAILQ_FOREACH(p, &c->waiting, of_conn)
		if (p->rq[0] == m->rq[0])
			break;
	if (!p)
		return;
	TAILQ_REMOVE(&c->waiting, p, of_conn);
	for (unsigned i = 0; i < p->n; i++) {
		TAILQ_REMOVE(&c->in_flight, p->rq[i], of_conn);
		free(p->rq[i]);
	}
	packet_drop(p);
}

void
msg_end(struct msg *m)
{
	if (!m->conn)
		return;
	if (m->packet) {	/* never submitted */
		for (unsigned i = 0; i < m->n; i++)
			free(m->rq[i]);
		packet_drop(m->packet);
	} else if (m->open > 0 && conn_is_open(m->conn)) {
		msg_withdraw(m);
	}
	for (unsigned i = 0; i < m->n; i++)
		frame_release(m->reply[i].frame);
	conn_release(m->conn);
	*m = (struct msg){ 0 };
}

/* Nobody waits, and the server is to do it all the same. */
void
msg_forget(struct msg *m)
{
	for (unsigned i = 0; m->conn && !m->packet && i < m->n; i++) {
		if (m->rq[i])
			m->rq[i]->msg = NULL;
		m->rq[i] = NULL;
	}
	m->open = 0;
	msg_end(m);
}

void
fid_close_later(struct conn *c, uint32_t tree_id, bool seal, struct smb2_fid fid)
{
	const struct smb2_close_req req = { .fid = fid };
	struct msg m			= { 0 };
	size_t at;

	c = conn_alive(c);
	if (!conn_is_open(c) || nt_failed(msg_begin(&m, c, MSG_ROOM)))
		return;
	m.force_seal = seal;
	at	     = msg_add(&m, SMB2_CMD_close, tree_id, 0);
	smb2_close_req_encode(&m.w, at, &req);
	if (nt_failed(msg_submit(&m)))
		msg_end(&m);
	else
		msg_forget(&m);
}
