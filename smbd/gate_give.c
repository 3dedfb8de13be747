/*
 * gate_give.c - the last thing a gate does for a connection: it sends socket and
 * state to the worker that the store named, and forgets both.  The answer to
 * the last SESSION_SETUP is the worker's to sign and send; one that binds to a
 * session is its worker's to read.  [MS-SMB2] 3.3.5.5
 */
#include <stdlib.h>

#include "base/log.h"
#include "smbd/gate.h"
#include "smbd/limits.h"

/* The worker has the socket, or will never have it: either way ours is closed. */
static void
gconn_given(void *ctx, nt status, const struct worker_take_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("a worker did not take a connection status=%s", nt_name(status));
}

void
gconn_give(struct gconn *c)
{
	struct link *worker    = node_find(c->gate->smbd->node, c->worker);
	struct call_opt opt    = { .timeout_ms = CALL_WAIT_MS, .fd = c->fd, .has_fd = true };
	struct handover h      = { .mode = c->take_mode, .session = c->session,
		     .ctx = c->logon ? logon_ctx(c->logon) : 0, .params = c->params,
		     .negotiate_hash = c->negotiate_hash, .session_hash = c->session_hash,
		     .hdr = c->hdr, .session_mode = c->session_mode,
		     .window = c->take_mode == TAKE_BIND ? c->before : c->window,
		     .answer = SPAN(c->answer, c->answer_n) };
	struct handover_room room;
	struct worker_take_req req;

	if (!worker) {
		gconn_wait(c, GCONN_WANTS_WORKER, WORKER_WAIT_MS);
		return;
	}
	if (c->take_mode == TAKE_BIND)
		opt.data = SPAN(c->in, c->have);
	handover_write(&h, &room, &req);
	if (nt_failed(worker_take_call(worker, &req, &opt, gconn_given, NULL)))
		gconn_drop(c, "its worker cannot be reached");
	else
		gconn_drop(c, NULL);	/* the call holds a descriptor of its own */
}

/* ---- binding ---- */

/* The question outlives its connection. */
struct gate_ask {
	struct gconn *conn;
};

void
gate_ask_orphan(struct gate_ask *a)
{
	if (a)
		a->conn = NULL;
}

static void
bind_found(void *ctx, nt status, const struct auth_session_find_rsp *rsp, struct span data)
{
	struct gate_ask *a = ctx;
	struct gconn *c    = a->conn;

	(void)data;
	free(a);
	if (!c)
		return;
	c->ask = NULL;
	if (nt_failed(status) || !rsp) {
		gconn_answer(c, &c->hdr, STATUS_USER_SESSION_DELETED, NULL, NULL);
		return;
	}
	c->take_mode = TAKE_BIND;
	c->session   = c->hdr.session_id;
	c->worker    = rsp->worker;
	gconn_give(c);
}

void
gconn_bind(struct gconn *c, struct link *store)
{
	struct auth_session_find_req req = { .session = c->hdr.session_id };
	struct call_opt opt              = { .timeout_ms = CALL_WAIT_MS };
	struct gate_ask *a               = calloc(1, sizeof *a);

	if (!a || nt_failed(auth_session_find_call(store, &req, &opt, bind_found, a))) {
		free(a);
		gconn_drop(c, "the store cannot be asked");
		return;
	}
	a->conn = c;
	c->ask  = a;
	gconn_wait(c, GCONN_ASKS, 0);
}
