/*
 * cmd_session_setup.c - SESSION_SETUP in a worker: a further session of a
 * connection, re-authentication, which changes no key, or a connection that
 * becomes a further channel of a session.  What the store says is in setup.c.
 * [MS-SMB2] 3.3.5.5
 */
#include "proto/smb2/session_setup.h"
#include "smbd/setup.h"

/*
 * 3.3.5.5 step 4: may this connection become a channel?  Before the signature
 * fits no token is looked at.  All answers are signed with the session's key.
 */
static nt
setup_may_bind(struct rq *rq, struct span bytes)
{
	struct conn *c      = rq->frame->conn;
	struct session *s   = session_find(c->worker, rq->hdr.session_id);
	struct chan *signer = s ? s->first : NULL;
	struct iovec iov    = { (void *)(uintptr_t)bytes.p, bytes.n };

	if (!signer)
		rq_find_signer(rq, bytes);
	REQUIRE(signer, STATUS_USER_SESSION_DELETED);
	REQUIRE(!rq->chan, STATUS_REQUEST_NOT_ACCEPTED);
	rq->chan = chan_hold(signer);
	TRY(policy_binding(&signer->conn->params, &c->params));
	REQUIRE(rq->hdr.flags & SMB2_FLAGS_SIGNED, STATUS_INVALID_PARAMETER);
	REQUIRE(signer->signer, STATUS_NOT_SUPPORTED);
	REQUIRE(!session_has_expired(s), STATUS_NETWORK_SESSION_EXPIRED);
	return smb2_verify(signer->signer, &iov, 1);
}

/* 3.3.5.5 steps 3 to 6. */
static nt
setup_resolve(struct rq *rq, bool binding, struct span bytes, struct setup **ret)
{
	struct conn *c = rq->frame->conn;
	struct setup *s;

	if (rq->hdr.session_id == 0)
		return setup_new(c, 0, NULL, ret);
	if (binding)
		TRY(setup_may_bind(rq, bytes));
	s = setup_find(c, rq->hdr.session_id);
	if (s) {
		REQUIRE(!s->rq && (s->binds != NULL) == binding, STATUS_REQUEST_OUT_OF_SEQUENCE);
		*ret = s;
		return STATUS_SUCCESS;
	}
	if (!rq->chan) {
		rq_find_signer(rq, bytes);
		return STATUS_USER_SESSION_DELETED;
	}
	return setup_new(c, rq->hdr.session_id, binding ? rq->chan : NULL, ret);
}

static nt
session_setup_request(struct rq *rq, struct rd r)
{
	struct conn *c           = rq->frame->conn;
	struct link *store       = node_peer(c->worker->smbd->node, PEER_STORE);
	struct logon_about about = logon_about_conn(&c->params, &c->worker->smbd->conf.server);
	struct smb2_session_setup_req req;
	struct span bytes = SPAN(r.base, r.end);
	struct setup *s;
	nt st;

	TRY(smb2_session_setup_req_decode(&r, &req));
	REQUIRE(store, STATUS_INSUFFICIENT_RESOURCES);
	TRY(setup_resolve(rq, (req.flags & SMB2_SESSION_FLAG_BINDING) != 0, bytes, &s));
	s->mode   = req.security_mode;
	s->rq     = rq;
	rq->setup = s;
	about.session          = s->again || s->binds ? s->id : 0;
	about.binding          = s->binds != NULL;
	about.previous_session = about.session ? 0 : req.previous_session_id;
	st = ++s->rounds > REAUTH_ROUNDS_MAX ? STATUS_LOGON_FAILURE
					     : smb2_preauth_update(&s->hash, bytes);
	if (!nt_failed(st))
		st = logon_step(s->logon, store, &about, req.token);
	if (nt_failed(st))
		setup_failed(s, st);
	return st;
}

const struct smbd_cmd smbd_cmd_session_setup = {
	.request = session_setup_request,
	.pace    = RQ_PACE_NONE,
};
