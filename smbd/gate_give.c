/*
 * gate_give.c - the last thing a gate does for a connection: it sends socket and
 * state to the worker that the store named, and forgets both.  The answer to
 * the last SESSION_SETUP is the worker's to sign and send.
 */
#include <unistd.h>

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
	struct handover h      = { .mode = TAKE_FINISH, .session = c->session,
		     .ctx = logon_ctx(c->logon), .params = c->params,
		     .negotiate_hash = c->negotiate_hash, .session_hash = c->session_hash,
		     .hdr = c->hdr, .session_mode = c->session_mode, .window = c->window,
		     .answer = SPAN(c->answer, c->answer_n) };
	struct handover_room room;
	struct worker_take_req req;

	if (!worker) {
		gconn_wait(c, GCONN_WANTS_WORKER, WORKER_WAIT_MS);
		return;
	}
	handover_write(&h, &room, &req);
	if (nt_failed(worker_take_call(worker, &req, &opt, gconn_given, NULL)))
		gconn_drop(c, "its worker cannot be reached");
	else
		gconn_drop(c, NULL);	/* the call holds a descriptor of its own */
}
