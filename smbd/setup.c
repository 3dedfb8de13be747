/*
 * setup.c - an exchange of SESSION_SETUPs: its state, what the store says to it, and
 * the answers.
 * [MS-SMB2] 3.3.5.5, 3.3.5.5.3
 */
#include "smbd/setup.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "proto/smb2/session_setup.h"

#define SETUPS_MAX 16u

static void setup_told(void *owner, nt, const struct logon_ok *, struct span token);

/* ---- life ---- */

static void
setup_drop(struct setup *s)
{
	if (s->rq)
		s->rq->setup = NULL;
	logon_drop(s->logon);
	LIST_REMOVE(s, of_conn);
	if (s->binds)
		chan_release(s->binds);
	secret_wipe(s->key, sizeof s->key);
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

struct setup *
setup_find(struct conn *c, uint64_t id)
{
	struct setup *s;

	LIST_FOREACH(s, &c->setups, of_conn)
		if (s->id == id)
			return s;
	return NULL;
}

nt
setup_new(struct conn *c, uint64_t id, struct chan *binds, struct setup **ret)
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
	s->again = id != 0 && !binds;
	s->binds = binds ? chan_hold(binds) : NULL;
	s->hash  = c->negotiate_hash;
	conn_hold(c);
	LIST_INSERT_HEAD(&c->setups, s, of_conn);
	*ret = s;
	return STATUS_SUCCESS;
}

nt
setup_take_key(struct worker *w, const struct worker_session_req *req)
{
	struct setup *s;
	struct conn *c;

	REQUIRE(req->key.n > 0 && req->key.n <= sizeof s->key, STATUS_INVALID_PARAMETER);
	TAILQ_FOREACH(c, &w->conns, all) {
		LIST_FOREACH(s, &c->setups, of_conn) {
			if (!s->binds || s->id != req->session || logon_ctx(s->logon) != req->ctx)
				continue;
			memcpy(s->key, req->key.p, req->key.n);
			s->key_n = req->key.n;
			return STATUS_SUCCESS;
		}
	}
	return STATUS_INVALID_PARAMETER;
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
	if (rq->chan != ch) {	/* a binding was signed by another channel so far */
		if (rq->chan)
			chan_release(rq->chan);
		rq->chan = chan_hold(ch);
	}
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
		.encrypted = s->policy.encrypts || s->sealed, .signed_ = s->policy.must_sign };

	if (store && nt_failed(auth_session_info_call(store, &info, NULL, info_told, NULL)))
		log_debug("the store was not told of a session's parameters");
}

/* ---- what the store says ---- */

/* The channel that this exchange was for: found, or made now. */
static nt
setup_chan(struct setup *s, uint64_t id, struct chan **ret)
{
	struct conn *c          = s->conn;
	struct session *session = session_find(c->worker, id);

	REQUIRE(session, STATUS_USER_SESSION_DELETED);
	if (s->binds)
		return session_bind(session, c, SPAN(s->key, s->key_n), &s->hash, ret);
	if (s->again) {
		*ret = chan_find(c, s->id);
		return *ret ? STATUS_SUCCESS : STATUS_USER_SESSION_DELETED;
	}
	REQUIRE(session->ctx == s->id && LIST_EMPTY(&session->chans), STATUS_USER_SESSION_DELETED);
	return session_attach(session, c, s->mode, &s->hash, ret);
}

static void
setup_accept(struct setup *s, const struct logon_ok *ok, struct span token)
{
	struct worker *w        = s->conn->worker;
	bool is_new             = !s->again && !s->binds;
	struct session *session = session_find(w, ok->session);
	struct rq *rq           = s->rq;
	struct chan *ch;
	nt st = setup_chan(s, ok->session, &ch);

	rq->hdr.session_id = s->id;
	setup_drop(s);
	if (!nt_failed(st)) {
		setup_succeed(rq, ch, token);
		setup_report(ch);
		return;
	}
	if (is_new && session)
		session_end(session, true, NULL, NULL);
	rq_fail(rq, st);
}

void
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
setup_told(void *owner, nt status, const struct logon_ok *ok, struct span token)
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
