/*
 * op_session.c - what gate, workers and api ask about established sessions.
 * A worker speaks of its own sessions only; one that names another's is told
 * what it would hear of a session that does not exist.
 */
#include "authd/store/store.h"
#include "base/log.h"

static nt
own_session(struct store *s, struct call *c, uint64_t id, struct session *ret)
{
	TRY(registry_find(s->sessions, id, ret));
	if (ret->row.worker == link_peer(call_link(c)))
		return STATUS_SUCCESS;
	log_warn("a worker named a session of another session=%016llx peer=%llu",
		 (unsigned long long)id, (unsigned long long)link_peer(call_link(c)));
	return STATUS_USER_SESSION_DELETED;
}

nt
auth_session_find(struct store *s, struct call *c, const struct auth_session_find_req *req,
		  struct auth_session_find_rsp *rsp)
{
	struct session session;

	(void)c;
	TRY(registry_find(s->sessions, req->session, &session));
	REQUIRE(node_find(s->node, session.row.worker), STATUS_USER_SESSION_DELETED);
	rsp->worker = session.row.worker;
	return STATUS_SUCCESS;
}

static void
end_answer(void *call, nt status)
{
	auth_session_end_reply(call, status, NULL, SPAN_NONE);
}

/* fsd is told as well: a worker that keeps quiet about a grant does not keep it. */
nt
auth_session_end(struct store *s, struct call *c, const struct auth_session_end_req *req,
		 struct auth_session_end_rsp *rsp)
{
	struct session session;

	(void)rsp;
	TRY(own_session(s, c, req->session, &session));
	log_audit("session ended user=%s session=%016llx", log_qs(session.row.user.s),
		  (unsigned long long)req->session);
	session_close(s, req->session, end_answer, call_keep(c));
	return STATUS_PENDING;
}

nt
auth_session_info(struct store *s, struct call *c, const struct auth_session_info_req *req,
		  struct auth_session_info_rsp *rsp)
{
	struct session session;

	(void)rsp;
	TRY(own_session(s, c, req->session, &session));
	session.row.client    = req->client;
	session.row.dialect   = req->dialect;
	session.row.cipher    = req->cipher;
	session.row.signing   = req->signing;
	session.row.encrypted = req->encrypted;
	session.row.signed_   = req->signed_;
	return registry_put(s->sessions, &session.row, &session.grant);
}

nt
auth_sessions(struct store *s, struct call *c, const struct auth_sessions_req *req,
	      struct auth_sessions_rsp *rsp)
{
	struct session *session = call_scratch(c, sizeof *session);

	TRY(registry_next(s->sessions, req->after, session));
	*rsp = session->row;
	return STATUS_SUCCESS;
}

static void
close_answer(void *call, nt status)
{
	auth_session_close_reply(call, status, NULL, SPAN_NONE);
}

nt
auth_session_close(struct store *s, struct call *c, const struct auth_session_close_req *req,
		   struct auth_session_close_rsp *rsp)
{
	struct session session;

	(void)rsp;
	TRY(registry_find(s->sessions, req->session, &session));
	log_audit("session closed by administration user=%s session=%016llx",
		  log_qs(session.row.user.s), (unsigned long long)req->session);
	session_close(s, req->session, close_answer, call_keep(c));
	return STATUS_PENDING;
}
