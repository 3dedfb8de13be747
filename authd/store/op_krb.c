/*
 * op_krb.c - auth_krb: one leg of Kerberos.  The acceptor looks at the token,
 * holds the keys and verifies the PAC; what it vouches for goes the road of
 * every logon.  A failure here is no guess of a password, so no counter counts
 * it.  [MS-SMB2] 3.3.5.5.3, [RFC4121] 4.1
 */
#include <stdlib.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

#define LEGS_MAX     4u	   /* three of the mechanism, one for a late mechListMIC */
#define KRB_ASK_MS   5000u /* it works in memory: longer is as good as never */
#define KRB_ABORT_MS 5000u

static void krb_ask(struct logon *);

static void
forgotten(void *ctx, nt status, const struct krb_abort_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status; /* its contexts end by themselves */
	(void)rsp;
	(void)data;
}

void
krb_forget(struct store *s, uint64_t krb)
{
	const struct krb_abort_req req = { .ctx = krb };
	const struct call_opt opt      = { .timeout_ms = KRB_ABORT_MS };
	struct link *link	       = krb ? node_peer(s->node, PEER_KRB) : NULL;

	if (link && nt_failed(krb_abort_call(link, &req, &opt, forgotten, NULL)))
		log_debug("an abandoned exchange could not be told to the acceptor");
}

/* ---- what the acceptor says ---- */

static nt
answer_keep(struct krb_leg *k, struct span token, struct span mic)
{
	k->answer = malloc(token.n + mic.n + 1);
	REQUIRE(k->answer, STATUS_NO_MEMORY);
	if (token.n > 0)
		memcpy(k->answer, token.p, token.n);
	if (mic.n > 0)
		memcpy(k->answer + token.n, mic.p, mic.n);
	k->token_n = token.n;
	k->mic_n   = mic.n;
	return STATUS_SUCCESS;
}

/* The client is told, and another token awaited.  Whose asker died has no link any more. */
static void
leg_go_on(struct logon *l, const struct krb_accept_rsp *rsp)
{
	const struct auth_krb_rsp answer = {
		.ctx	    = l->context.id,
		.token	    = rsp->token,
		.server_mic = rsp->server_mic,
	};
	const struct link *asker = node_find(l->store->node, l->context.peer);

	if (l->orphan || !asker) {
		krb_forget(l->store, rsp->ctx);
		logon_fail(l, STATUS_CANCELLED, "the client has gone");
		return;
	}
	l->context.krb = rsp->ctx;
	context_add(l->store->contexts, &l->context,
		    link_role(asker) == PEER_WORKER ? PER_WORKER : 0);
	auth_krb_reply(l->call, STATUS_SUCCESS, &answer, SPAN_NONE);
	logon_free(l);
}

static nt
identity_take(struct logon *l, const struct krb_accept_rsp *rsp)
{
	const bool pac = (rsp->flags & KRB_HAS_PAC) != 0 && rsp->logon_name.n > 0;

	REQUIRE(rsp->key.n > 0 && rsp->key.n <= sizeof l->key, STATUS_INTERNAL_ERROR);
	memcpy(l->key, rsp->key.p, rsp->key.n);
	l->key_n   = rsp->key.n;
	l->expires = rsp->expires;
	TRY(logon_set_foreign(l, pac ? rsp->logon_name : rsp->principal, rsp->logon_domain,
			      rsp->realm, rsp->user_sid, rsp->sids));
	return answer_keep(l->krb, rsp->token, rsp->server_mic);
}

static const char *
nobody(nt status)
{
	return nt_is(status, STATUS_INSUFFICIENT_RESOURCES)
		       ? "the user is in too many groups"
		       : "the ticket names nobody who could log on here";
}

static void
krb_told(void *ctx, nt status, const struct krb_accept_rsp *rsp, struct span data)
{
	struct logon *l = ctx;

	(void)data;
	if (logon_peer_lost(status)) {
		/* A context of the acceptor that died is gone; a first token is as good as before. */
		if (l->context.krb == 0)
			logon_retry(l, krb_ask, "the Kerberos acceptor is not there");
		else
			logon_fail(l, STATUS_LOGON_FAILURE, "the Kerberos acceptor died");
	} else if (nt_failed(status) || !rsp) {
		logon_fail(l, STATUS_LOGON_FAILURE,
			   nt_is(status, STATUS_LOGON_FAILURE)
			       ? "the ticket is refused: the acceptor's record says why"
			       : nt_sentence(status));
	} else if (!rsp->done) {
		leg_go_on(l, rsp);
	} else {
		status	    = identity_take(l, rsp);
		l->reason   = nt_ok(status) ? foreign_refusal(l) : nobody(status);
		l->accepted = l->reason == NULL;
		logon_go(l);
	}
}

/* ---- asking it ---- */

static void
krb_ask(struct logon *l)
{
	const struct call_opt opt = { .timeout_ms = KRB_ASK_MS };
	struct link *krb	  = node_peer(l->store->node, PEER_KRB);

	if (!krb || nt_failed(krb_accept_call(krb, &l->krb->req, &opt, krb_told, l)))
		logon_retry(l, krb_ask, "the Kerberos acceptor is not there");
}

static struct span
copy_to(uint8_t **at, struct span s)
{
	struct span copy = SPAN(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* The request's bytes end with the handler; the question may have to wait for a restart. */
static nt
leg_new(struct logon *l, const struct auth_krb_req *req)
{
	struct krb_leg *k = calloc(1, sizeof *k);
	uint8_t *at;

	l->krb = k; /* the logon's to free */
	REQUIRE(k, STATUS_NO_MEMORY);
	k->memory = at = malloc(req->token.n + req->mech_list.n + req->client_mic.n + 1);
	REQUIRE(k->memory, STATUS_NO_MEMORY);
	k->req.ctx	  = l->context.krb;
	k->req.long_key	  = req->long_key;
	k->req.mic_due	  = req->mic_due;
	k->req.token	  = copy_to(&at, req->token);
	k->req.mech_list  = copy_to(&at, req->mech_list);
	k->req.client_mic = copy_to(&at, req->client_mic);
	return STATUS_SUCCESS;
}

/* A new exchange, or the next leg of one. */
static nt
exchange_find(struct store *s, struct call *c, const struct auth_krb_req *req,
	      struct context *context)
{
	if (req->ctx != 0) {
		TRY(context_take(s->contexts, req->ctx, link_peer(call_link(c)), store_now_ms(s),
				 context));
		REQUIRE(context->kerberos && context->session == req->session,
			STATUS_INVALID_PARAMETER);
		return STATUS_SUCCESS;
	}
	TRY(session_check(s, c, req->session));
	*context = (struct context){
		.id	  = session_id_new(s),
		.session  = req->session,
		.peer	  = link_peer(call_link(c)),
		.made_ms  = store_now_ms(s),
		.client	  = req->client,
		.kerberos = true,
	};
	return STATUS_SUCCESS;
}

nt
auth_krb(struct store *s, struct call *c, const struct auth_krb_req *req, struct auth_krb_rsp *rsp)
{
	struct context context;
	struct logon *l;
	nt status;

	(void)rsp;
	REQUIRE(s->conf.kerberos, STATUS_LOGON_FAILURE);
	REQUIRE(!req->binding || req->session != 0, STATUS_INVALID_PARAMETER);
	TRY(exchange_find(s, c, req, &context));
	TRY(logons_check(s, call_link(c)));
	REQUIRE(++context.legs <= LEGS_MAX, STATUS_LOGON_FAILURE);
	l	      = logon_new(s, &context);
	l->previous   = req->previous_session;
	l->dialect    = req->dialect;
	l->binding    = req->binding;
	l->give_up_ms = store_now_ms(s) + LOGON_FOR_MS;
	status	      = leg_new(l, req);
	if (nt_failed(status)) {
		logon_free(l);
		return status;
	}
	l->call = call_keep(c);
	krb_ask(l);
	return STATUS_PENDING;
}
