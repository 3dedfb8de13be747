/*
 * request_done.c - how requests end: answered, lost with their connection, or past their
 * deadline.  [MS-SMB2] 3.2.5.1, 3.2.6.1
 */
#include <stdlib.h>

#include "clientd/session/client.h"
#include "clientd/session/request.h"
#include "proto/smb2/create.h"

/* done() takes notice and frees nothing: we may be walking over the requests. */
static void
msg_progress(struct msg *m)
{
	if (m->open > 0 && nt_ok(m->lost))
		return;
	if (m->done)
		m->done(m->ctx);
	else
		waitq_wake(&m->answered);
}

/* A CREATE whose asker gave up has succeeded after all: nobody else will close it. */
static void
orphan_close(struct conn *c, const struct request *rq, const struct reply *rep)
{
	struct smb2_create_rsp rsp;
	struct rd r = rep->body;

	if (rq->command == SMB2_CMD_create && nt_ok(rep->status) &&
	    !nt_failed(smb2_create_rsp_decode(&r, &rsp)))
		fid_close_later(c, rq->tree_id, rq->sealed, rsp.fid);
}

static void
request_leave(struct conn *c, struct request *rq)
{
	TAILQ_REMOVE(&c->in_flight, rq, of_conn);
	if (rq->msg)
		rq->msg->rq[rq->index] = NULL;
}

void
request_answered(struct conn *c, struct request *rq, const struct reply *rep)
{
	struct msg *m = rq->msg;

	request_leave(c, rq);
	if (c->n_in_flight > 0)
		c->n_in_flight--;
	if (m) {
		m->reply[rq->index] = *rep;
		if (rep->frame)
			rep->frame->refs++;
		m->open--;
		msg_progress(m);
	} else {
		orphan_close(c, rq, rep);
	}
	free(rq);
}

void
request_lost(struct conn *c, struct request *rq, nt why)
{
	struct msg *m = rq->msg;

	request_leave(c, rq);
	free(rq);
	if (!m)
		return;
	m->open--;
	if (nt_ok(m->lost) || m->open == 0) {
		bool first = nt_ok(m->lost);

		m->lost = why;
		if (first)
			msg_progress(m);
	}
}

/* Past its deadline: cancelled; its answer, should it come as late again, is reaped. */
static void
request_expire(struct conn *c, struct request *rq)
{
	struct msg *m = rq->msg;

	rq->deadline = clock_mono_ns() + c->timeout_ms * (uint64_t)NS_PER_MS;
	if (!m || nt_failed(m->lost))
		return;
	if (rq->sent)
		request_cancel(c, rq);
	m->lost = STATUS_IO_TIMEOUT;
	msg_progress(m);
}

void
requests_sweep(void *ctx)
{
	struct conn *c	= ctx;
	uint64_t now	= clock_mono_ns();
	struct request *rq, *next;
	bool abandoned = false;

	conn_hold(c);
	for (rq = TAILQ_FIRST(&c->in_flight); rq; rq = next) {
		next = TAILQ_NEXT(rq, of_conn);
		if (rq->deadline == 0 || rq->deadline > now)
			continue;
		if (!rq->msg && rq->raw) {	/* a script's own: nobody promised an answer */
			request_lost(c, rq, STATUS_IO_TIMEOUT);
			c->n_in_flight--;
			continue;
		}
		abandoned |= !rq->msg;
		request_expire(c, rq);
	}
	/* It answers nothing any more, not even what was cancelled long ago. */
	if (abandoned)
		conn_close(c, STATUS_IO_TIMEOUT);
	if (conn_is_open(c) && !TAILQ_EMPTY(&c->in_flight))
		loop_timer_set(c->client->loop, &c->sweep, SWEEP_MS, requests_sweep, c);
	conn_release(c);
}
