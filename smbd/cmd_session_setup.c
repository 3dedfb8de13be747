/*
 * cmd_session_setup.c - SESSION_SETUP on an authenticated connection: a further
 * session, or re-authentication, which changes no key.  [MS-SMB2] 3.3.5.5
 */
#include <stdlib.h>

#include "base/log.h"
#include "proto/smb2/session_setup.h"
#include "smbd/setup.h"

#define SETUPS_MAX 16u

static void setup_told(void *owner, nt, const struct auth_ntlm_finish_rsp *, struct span token);

static void
setup_drop(struct setup *s)
{
	if (s->rq)
		s->rq->setup = NULL;
	logon_drop(s->logon);
	LIST_REMOVE(s, of_conn);
	conn_release(s->conn);
	free(s);
}

void
setups_drop(struct conn *c)
{
	struct setup *s;

	while ((s = LIST_FIRST(&c->setups)))
		setup_drop(s);
}

static struct setup *
setup_find(struct conn *c, uint64_t id)
{
	struct setup *s;

	LIST_FOREACH(s, &c->setups, of_conn)
		if (s->id == id)
			return s;
	return NULL;
}

static nt
setup_new(struct conn *c, uint64_t id, struct setup **ret)
{
	struct setup *s;
	uint32_t n = 0;

	LIST_FOREACH(s, &c->setups, of_conn)
		n++;
	REQUIRE(n < SETUPS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	s = calloc(1, sizeof *s);
	REQUIRE(s, STATUS_INSUFFICIENT_RESOURCES);
	s->logon = logon_new(c->worker->smbd->node, s, setup_told);
	if (!s->logon) {
		free(s);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	s->conn  = c;
	s->id    = id;
	s->again = id != 0;
	s->hash  = c->negotiate_hash;
	conn_hold(c);
	LIST_INSERT_HEAD(&c->setups, s, of_conn);
	*ret = s;
	return STATUS_SUCCESS;
}

/* ---- answers ---- */

void
setup_answered(struct rq *rq, struct span bytes)
{
	struct setup *s = rq->setup;

	rq->setup = NULL;
	s->rq     = NULL;
	if (bytes.n > 0 && nt_failed(smb2_preauth_update(&s->hash, bytes)))
		conn_close(rq->frame->conn, "no hash");
}

static void
setup_write(struct rq *rq, nt status, uint16_t flags, struct span token)
{
	struct smb2_session_setup_rsp rsp = { .session_flags = flags, .token = token };
	struct wr *w                      = rq_body(rq, token.n + 64);

	if (!w)
		return;
	smb2_session_setup_rsp_encode(w, RQ_HDR_AT, &rsp);
	rq_done(rq, status);
}

static void
setup_go_on(struct setup *s, struct span token)
{
	struct rq *rq = s->rq;

	if (s->id == 0)
		s->id = logon_ctx(s->logon);
	rq->hdr.session_id = s->id;
	setup_write(rq, STATUS_MORE_PROCESSING_REQUIRED, 0, token);
}

static uint16_t
session_flags(const struct session *s)
{
	return (uint16_t)((s->auth_flags & AUTH_GUEST ? SMB2_SESSION_FLAG_IS_GUEST : 0) |
			  (s->auth_flags & AUTH_ANONYMOUS ? SMB2_SESSION_FLAG_IS_NULL : 0) |
			  (s->policy.encrypts ? SMB2_SESSION_FLAG_ENCRYPT_DATA : 0));
}

/* 3.3.5.5.3: signed whenever there is a key, so that the client can trust what was negotiated. */
void
setup_succeed(struct rq *rq, struct chan *ch, struct span token)
{
	if (!rq->chan)
		rq->chan = chan_hold(ch);
	rq->must_sign = ch->signer != NULL;
	setup_write(rq, STATUS_SUCCESS, session_flags(ch->session), token);
}

static void
info_told(void *ctx, nt status, const struct auth_session_info_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* For status: what was really agreed on. */
void
setup_report(const struct chan *ch)
{
	const struct session *s           = ch->session;
	const struct conn_params *p       = &ch->conn->params;
	struct link *store                = node_peer(s->worker->smbd->node, PEER_STORE);
	struct auth_session_info_req info = { .session = s->id, .client = p->client,
		.dialect = p->dialect, .cipher = p->cipher, .signing = p->signing_alg,
		.encrypted = s->policy.encrypts, .signed_ = s->policy.must_sign };

	if (store && nt_failed(auth_session_info_call(store, &info, NULL, info_told, NULL)))
		log_debug("the store was not told of a session's parameters");
}

static void
setup_accept(struct setup *s, const struct auth_ntlm_finish_rsp *ok, struct span token)
{
	struct conn *c          = s->conn;
	struct session *session = session_find(c->worker, ok->session);
	struct chan *ch         = s->again ? chan_find(c, s->id) : NULL;
	struct rq *rq           = s->rq;
	nt st                   = STATUS_SUCCESS;

	if (!s->again && session && session->ctx == s->id && LIST_EMPTY(&session->chans))
		st = session_attach(session, c, s->mode, &s->hash, &ch);
	rq->hdr.session_id = s->id;
	setup_drop(s);
	if (nt_failed(st) || !ch) {
		if (session && !ch)
			session_end(session, true, NULL, NULL);
		rq_fail(rq, nt_failed(st) ? st : STATUS_USER_SESSION_DELETED);
		return;
	}
	setup_succeed(rq, ch, token);
	setup_report(ch);
}

/* A session whose client cannot prove itself again is over; our own troubles are no such failure. */
static void
setup_failed(struct setup *s, nt status)
{
	bool ours = nt_is(status, STATUS_CONNECTION_RESET) || nt_is(status, STATUS_IO_TIMEOUT) ||
		    nt_is(status, STATUS_INSUFFICIENT_RESOURCES);
	struct session *session = s->again && !ours ? session_find(s->conn->worker, s->id) : NULL;

	setup_drop(s);
	if (session)
		session_end(session, true, NULL, NULL);
}

static void
setup_told(void *owner, nt status, const struct auth_ntlm_finish_rsp *ok, struct span token)
{
	struct setup *s = owner;
	struct rq *rq   = s->rq;

	if (nt_is(status, STATUS_MORE_PROCESSING_REQUIRED)) {
		setup_go_on(s, token);
	} else if (nt_failed(status)) {
		setup_failed(s, status);
		rq_fail(rq, status);
	} else {
		setup_accept(s, ok, token);
	}
}

/* ---- the request ---- */

/* 3.3.5.5 steps 3 to 6. */
static nt
setup_resolve(struct rq *rq, struct setup **ret)
{
	struct conn *c = rq->frame->conn;
	struct setup *s;

	if (rq->hdr.session_id == 0)
		return setup_new(c, 0, ret);
	s = setup_find(c, rq->hdr.session_id);
	if (s) {
		REQUIRE(!s->rq, STATUS_REQUEST_OUT_OF_SEQUENCE);
		*ret = s;
		return STATUS_SUCCESS;
	}
	REQUIRE(rq->chan, STATUS_USER_SESSION_DELETED);
	return setup_new(c, rq->hdr.session_id, ret);
}

static nt
session_setup_request(struct rq *rq, struct rd r)
{
	struct conn *c           = rq->frame->conn;
	struct link *store       = node_peer(c->worker->smbd->node, PEER_STORE);
	struct logon_about about = { .client = c->params.client, .dialect = c->params.dialect };
	struct smb2_session_setup_req req;
	struct span bytes = SPAN(r.base, r.end);
	struct setup *s;
	nt st;

	TRY(smb2_session_setup_req_decode(&r, &req));
	/* We offer no channels, so nothing can be bound: 3.3.5.5 step 4. */
	REQUIRE(!(req.flags & SMB2_SESSION_FLAG_BINDING), STATUS_REQUEST_NOT_ACCEPTED);
	REQUIRE(store, STATUS_INSUFFICIENT_RESOURCES);
	TRY(setup_resolve(rq, &s));
	s->mode   = req.security_mode;
	s->rq     = rq;
	rq->setup = s;
	about.session          = s->again ? s->id : 0;
	about.previous_session = s->again ? 0 : req.previous_session_id;
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
