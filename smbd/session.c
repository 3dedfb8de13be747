/*
 * session.c - sessions of this worker's identity: pushed by the store, claimed
 * by a connection, ended by anybody.  The only place that holds keys.
 * [MS-SMB2] 3.3.1.8, 3.3.5.5.3, 3.3.5.6
 */
#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/smb2/kdf.h"
#include "smbd/hook.h"

/* ---- life ---- */

static void
session_release(struct session *s)
{
	if (--s->refs > 0)
		return;
	loop_timer_clear(&s->unclaimed);
	smb2_sealer_drop(s->in);
	smb2_sealer_drop(s->out);
	secret_wipe(s->key, sizeof s->key);
	free(s);
}

static void
session_unclaimed(void *ctx)
{
	log_info("a logon's connection never came");
	session_end(ctx, true, NULL, NULL);
}

nt
session_new(struct worker *w, const struct worker_session_req *req, struct session **ret)
{
	struct session *s;

	REQUIRE(w->sessions.count < WORKER_SESSIONS_MAX, STATUS_TOO_MANY_SESSIONS);
	REQUIRE(!idmap_find(&w->sessions, req->session), STATUS_INVALID_PARAMETER);
	REQUIRE(req->session != 0 && req->key.n <= sizeof s->key, STATUS_INVALID_PARAMETER);
	s = calloc(1, sizeof *s);
	REQUIRE(s, STATUS_INSUFFICIENT_RESOURCES);
	if (nt_failed(idmap_put(&w->sessions, req->session, s))) {
		free(s);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	s->id         = req->session;
	s->worker     = w;
	s->grant      = req->grant;
	s->ctx        = req->ctx;
	s->expires    = req->expires;
	s->auth_flags = req->flags;
	s->refs       = 1;
	s->key_n      = req->key.n;
	if (s->key_n > 0)
		memcpy(s->key, req->key.p, s->key_n);
	memcpy(s->user, req->user.s ? req->user.s : "", req->user.n + 1);
	LIST_INIT(&s->opens);
	LIST_INIT(&s->chans);
	loop_timer_set(w->smbd->loop, &s->unclaimed, PUSHED_WAIT_MS, session_unclaimed, s);
	*ret = s;
	return STATUS_SUCCESS;
}

bool
session_has_expired(const struct session *s)
{
	return s->expires != 0 && clock_real_ns() >= s->expires;
}

struct session *
session_find(struct worker *w, uint64_t id)
{
	return idmap_find(&w->sessions, id);
}

/* ---- channels ---- */

struct chan *
chan_find(struct conn *c, uint64_t session_id)
{
	struct chan *ch;

	LIST_FOREACH(ch, &c->chans, of_conn)
		if (ch->session->id == session_id)
			return ch;
	return NULL;
}

struct chan *
chan_hold(struct chan *ch)
{
	ch->refs++;
	return ch;
}

void
chan_release(struct chan *ch)
{
	if (--ch->refs > 0)
		return;
	smb2_signer_drop(ch->signer);
	session_release(ch->session);
	conn_release(ch->conn);
	free(ch);
}

void
chan_unlist(struct chan *ch)
{
	struct session *s = ch->session;

	LIST_REMOVE(ch, of_conn);
	ch->conn->n_chans--;
	if (!s->over) {
		LIST_REMOVE(ch, of_session);
		if (LIST_EMPTY(&s->chans))
			session_end(s, true, NULL, NULL);
	}
	chan_release(ch);
}

/*
 * An ended session's channel stays with its connection, so that what the client
 * still sends for it is understood, if only to be told that it is gone.  Room
 * for new ones is made by forgetting such.
 */
static bool
conn_make_room(struct conn *c)
{
	struct chan *ch;

	if (c->n_chans < CONN_SESSIONS_MAX)
		return true;
	LIST_FOREACH(ch, &c->chans, of_conn) {
		if (ch->session->over) {
			chan_unlist(ch);
			return true;
		}
	}
	return false;
}

/* ---- keys ---- */

static nt
session_seal(struct session *s, uint16_t cipher, const struct smb2_keys *k)
{
	if (k->cipher_key_len == 0 || s->out)
		return STATUS_SUCCESS;
	TRY(smb2_sealer_new(cipher, SMB2_SEAL, k->server_out, &s->out));
	return smb2_sealer_new(cipher, SMB2_UNSEAL, k->server_in, &s->in);
}

/* A session's sealers are those of its first channel, for ever. */
static nt
chan_key(struct chan *ch, struct span key, const struct smb2_preauth *hash)
{
	const struct conn_params *p = &ch->conn->params;
	struct smb2_keys keys;
	nt st;

	if (!ch->session->policy.has_key)
		return STATUS_SUCCESS;
	REQUIRE(key.n > 0, STATUS_INVALID_PARAMETER);
	TRY(smb2_keys_derive(p->dialect, p->cipher, key, hash->hash, &keys));
	st = smb2_signer_new(p->signing_alg, keys.signing, &ch->signer);
	if (!nt_failed(st))
		st = session_seal(ch->session, p->cipher, &keys);
	secret_wipe(&keys, sizeof keys);
	return st;
}

nt
session_bind(struct session *s, struct conn *c, struct span key, const struct smb2_preauth *hash,
    struct chan **ret)
{
	struct chan *ch;
	nt st;

	REQUIRE(conn_make_room(c), STATUS_TOO_MANY_SESSIONS);
	ch = calloc(1, sizeof *ch);
	REQUIRE(ch, STATUS_INSUFFICIENT_RESOURCES);
	ch->session = s;
	ch->conn    = c;
	ch->refs    = 1;
	s->refs++;
	conn_hold(c);
	c->n_chans++;
	LIST_INSERT_HEAD(&s->chans, ch, of_session);
	LIST_INSERT_HEAD(&c->chans, ch, of_conn);
	loop_timer_clear(&s->unclaimed);
	st = chan_key(ch, key, hash);
	if (nt_failed(st)) {
		chan_unlist(ch);
		return st;
	}
	if (!s->first)
		s->first = chan_hold(ch);
	*ret = ch;
	return STATUS_SUCCESS;
}

nt
session_attach(struct session *s, struct conn *c, uint8_t client_mode,
    const struct smb2_preauth *hash, struct chan **ret)
{
	nt st;

	TRY(policy_session(&s->worker->smbd->conf.server, &c->params, client_mode, s->auth_flags,
	    &s->policy));
	st = session_bind(s, c, SPAN(s->key, s->key_n), hash, ret);
	secret_wipe(s->key, sizeof s->key);	/* nothing here needs it again */
	s->key_n = 0;
	return st;
}

/* ---- the end ---- */

/* Of a session: until every fsd has closed what it had open. */
struct ending {
	session_ended *done;
	void *ctx;
	uint32_t pending;
};

static void
ending_told(void *ctx, nt status, const struct auth_session_end_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;	/* a store that died has forgotten it as well */
	(void)rsp;
	(void)data;
}

static void
ending_step(struct ending *e)
{
	if (--e->pending > 0)
		return;
	if (e->done)
		e->done(e->ctx);
	free(e);
}

static void
ending_done(void *ctx, nt status, const struct fsd_grant_end_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	if (nt_failed(status) && !nt_is(status, STATUS_CONNECTION_RESET))
		log_warn("fsd did not end a grant status=%s", nt_name(status));
	ending_step(ctx);
}

static void
ending_begin(const struct worker *w, const struct id16 *grant, session_ended *done, void *ctx)
{
	const struct fsd_grant_end_req req = { *grant };
	const struct storage *st           = NULL;
	struct ending *e                   = xcalloc(1, sizeof *e);

	*e = (struct ending){ done, ctx, 1 };
	while ((st = storage_next(w, st)))
		if (!nt_failed(fsd_grant_end_call(st->link, &req, NULL, ending_done, e)))
			e->pending++;
	ending_step(e);
}

static void
session_forget(struct session *s)
{
	struct chan *ch;

	(void)idmap_remove(&s->worker->sessions, s->id);
	loop_timer_clear(&s->unclaimed);
	trees_drop(s);
	while ((ch = LIST_FIRST(&s->chans)))
		LIST_REMOVE(ch, of_session);
	if (s->first)
		chan_release(STEAL(s->first));
}

void
session_end(struct session *s, bool tell_store, session_ended *done, void *ctx)
{
	struct worker *w                = s->worker;
	struct link *store              = node_peer(w->smbd->node, PEER_STORE);
	const struct id16 grant         = s->grant;
	struct auth_session_end_req req = { s->id };

	if (s->over) {
		if (done)
			done(ctx);
		return;
	}
	s->over = true;
	if (w->hooked)
		hook_tell_session(s, NULL, HOOK_EVENT_logoff);
	session_forget(s);
	if (tell_store && store &&
	    nt_failed(auth_session_end_call(store, &req, NULL, ending_told, NULL)))
		log_warn("the store was not told of a session's end");
	session_release(s);
	ending_begin(w, &grant, done, ctx);
}
