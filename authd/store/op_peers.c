/*
 * op_peers.c - who has sessions, for those who may know it over the Server
 * Service: workers ask on behalf of one of their sessions, and whether that one
 * is an operator's fsd says, where lists of users and groups are understood.
 * [MS-SRVS] 3.1.4.5, 3.1.4.6
 */
#include <stdlib.h>

#include "authd/store/store.h"
#include "base/log.h"
#include "ipc/msg/smbd.msg.h"

#define ASK_MS 5000u

/* One question on its way through fsd and perhaps a worker; owned by what is asked. */
struct inquiry {
	LIST_ENTRY(inquiry) all;
	uint64_t peer; /* who asks; PER_WORKER at once */
	struct store *store;
	struct call *call;
	uint64_t at;	/* the session to show, or the one behind which to look, or to end */
	void (*allowed)(struct inquiry *);
	void (*refuse)(struct call *, nt status);
};

static void
refuse_peers(struct call *c, nt status)
{
	auth_peers_reply(c, status, NULL, SPAN_NONE);
}

static void
refuse_end(struct call *c, nt status)
{
	auth_peer_end_reply(c, status, NULL, SPAN_NONE);
}

static void
inquiry_drop(struct inquiry *q)
{
	LIST_REMOVE(q, all);
	free(q);
}

static void
inquiry_fail(struct inquiry *q, nt status)
{
	q->refuse(q->call, status);
	inquiry_drop(q);
}

static unsigned
inquiries_of(const struct store *s, uint64_t peer)
{
	const struct inquiry *q;
	unsigned n = 0;

	LIST_FOREACH(q, &s->inquiries, all)
		n += q->peer == peer;
	return n;
}

/* ---- may they? ---- */

static void
operator_told(void *ctx, nt status, const struct fsd_operator_rsp *rsp, struct span data)
{
	struct inquiry *q = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		inquiry_fail(q, nt_is(status, STATUS_ACCESS_DENIED) ? status : STATUS_RETRY);
	else
		q->allowed(q);
}

/* The session of whoever asks; another worker's does not exist for this one. */
static nt
asker_find(struct store *s, struct call *c, uint64_t id, struct session *ret)
{
	TRY(registry_find(s->sessions, id, ret));
	REQUIRE(ret->row.worker == link_peer(call_link(c)), STATUS_USER_SESSION_DELETED);
	return STATUS_SUCCESS;
}

static nt
inquiry_begin(struct inquiry what, const struct session *asks, bool public)
{
	const struct call_opt opt   = { .timeout_ms = ASK_MS };
	struct fsd_operator_req req = { .grant = asks->grant.grant };
	struct link *fsd	    = node_peer(what.store->node, PEER_FSD);
	struct inquiry *q;

	public = public && !(asks->row.flags & (AUTH_GUEST | AUTH_ANONYMOUS));
	what.peer = asks->row.worker;
	REQUIRE(fsd || public, STATUS_RETRY);
	REQUIRE(inquiries_of(what.store, what.peer) < PER_WORKER, STATUS_RETRY);
	q = calloc(1, sizeof *q);
	REQUIRE(q, STATUS_INSUFFICIENT_RESOURCES);
	*q	= what;
	q->call = call_keep(what.call);
	LIST_INSERT_HEAD(&q->store->inquiries, q, all);
	if (public)
		q->allowed(q);
	else if (nt_failed(fsd_operator_call(fsd, &req, &opt, operator_told, q)))
		inquiry_fail(q, STATUS_RETRY);
	return STATUS_PENDING;
}

/* ---- auth_peers ---- */

static void peers_allowed(struct inquiry *);

/* A worker that does not say how much a session is used leaves that at nothing. */
static void
use_told(void *ctx, nt status, const struct worker_session_use_rsp *rsp, struct span data)
{
	struct inquiry *q	  = ctx;
	struct auth_peers_rsp row = { .session = q->at };
	struct session s;

	(void)data;
	if (nt_failed(registry_find(q->store->sessions, q->at, &s))) {
		peers_allowed(q); /* it ended meanwhile: the next one */
		return;
	}
	row.left    = (uint32_t)db_count(q->store->sessions) - 1;
	row.user    = s.row.user;
	row.client  = s.row.client;
	row.started = s.row.started;
	row.flags   = s.row.flags;
	row.idle_s  = nt_failed(status) ? 0 : rsp->idle_s;
	row.opens   = nt_failed(status) ? 0 : rsp->opens;
	auth_peers_reply(q->call, STATUS_SUCCESS, &row, SPAN_NONE);
	inquiry_drop(q);
}

static void
peers_allowed(struct inquiry *q)
{
	const struct call_opt opt	  = { .timeout_ms = ASK_MS };
	struct worker_session_use_req req = { 0 };
	struct session s;
	struct link *worker;
	nt status = registry_next(q->store->sessions, q->at, &s);

	if (nt_failed(status)) {
		inquiry_fail(q, status);
		return;
	}
	q->at = req.session = s.row.session;
	worker		    = node_find(q->store->node, s.row.worker);
	if (!worker || nt_failed(worker_session_use_call(worker, &req, &opt, use_told, q)))
		use_told(q, STATUS_CONNECTION_RESET, NULL, SPAN_NONE);
}

nt
auth_peers(struct store *s, struct call *c, const struct auth_peers_req *req,
	   struct auth_peers_rsp *rsp)
{
	struct inquiry what = { .store = s, .call = c, .at = req->after,
				.allowed = peers_allowed, .refuse = refuse_peers };
	struct session asks;

	(void)rsp;
	TRY(asker_find(s, c, req->asks, &asks));
	return inquiry_begin(what, &asks, req->brief && s->conf.sessions_public);
}

/* ---- auth_peer_end ---- */

static void
end_done(void *ctx, nt status)
{
	struct inquiry *q = ctx;

	auth_peer_end_reply(q->call, status, NULL, SPAN_NONE);
	inquiry_drop(q);
}

static void
end_allowed(struct inquiry *q)
{
	struct session s;
	nt status = registry_find(q->store->sessions, q->at, &s);

	if (nt_failed(status)) {
		inquiry_fail(q, status);
		return;
	}
	log_audit("session closed by an operator user=%s session=%016llx", log_qs(s.row.user.s),
		  (unsigned long long)q->at);
	session_close(q->store, q->at, end_done, q);
}

nt
auth_peer_end(struct store *s, struct call *c, const struct auth_peer_end_req *req,
	      struct auth_peer_end_rsp *rsp)
{
	struct inquiry what = { .store = s, .call = c, .at = req->session,
				.allowed = end_allowed, .refuse = refuse_end };
	struct session asks;

	(void)rsp;
	TRY(asker_find(s, c, req->asks, &asks));
	return inquiry_begin(what, &asks, false);
}
