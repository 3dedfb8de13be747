/*
 * op_accept.c - a stranger's Kerberos token: accepted, refused, or right so far.
 *
 * Outside every refusal is STATUS_LOGON_FAILURE; the reason stands in the log.
 * The order is from what is cheap and public to what needs keys, and the replay
 * cache comes behind the keys, so that only clients fill it.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

#define SHORT_KEY 16u /* [MS-SMB2] 3.3.5.5.3: SessionKey is the first 16 bytes */

static void
outcome_drop_p(struct outcome **o)
{
	outcome_drop(*o);
}

static nt
refuse(const char *why, const struct ap_req *a, const struct exchange *x)
{
	const struct ticket *t = x ? exchange_ticket(x) : NULL;

	log_audit("ticket refused: %s service=%s realm=%s etype=%d kvno=%u client=%s", why,
		  log_qs(a ? a->service : ""), log_qs(a ? a->realm : ""), a ? a->etype : 0,
		  a && a->has_kvno ? a->kvno : 0, log_qs(t ? t->principal : ""));
	return STATUS_LOGON_FAILURE;
}

/* Shorter keys are filled up with zeroes. */
static void
key_keep(const struct keyblock *k, bool long_key, struct outcome *o)
{
	size_t n = k->n;

	memcpy(o->key, k->bytes, n);
	o->key_n = long_key && n > SHORT_KEY ? n : SHORT_KEY;
}

/* Who it is and by which key we speak from now on.  *why says what a refusal is for. */
static nt
exchange_judge(struct krb *me, const struct krb_accept_req *req, const struct ap_req *a,
	       struct exchange *x, struct outcome *o, const char **why)
{
	const struct ticket *t = exchange_ticket(x);

	*why = "this token came already";
	REQUIRE(replay_is_new(me->replay, t->principal, a->authenticator,
			      clock_real_ns() / 1000000000u, 2 * me->conf.skew_s),
		STATUS_LOGON_FAILURE);
	*why = "the token is bound to a TLS channel, which this is not: it was meant for "
	       "somebody else (`channel bindings`)";
	REQUIRE(me->conf.bound_ok || !token_is_bound(me->heimdal, a, &t->service),
		STATUS_LOGON_FAILURE);
	*why = "the session's key is of a type that is not allowed";
	REQUIRE(etype_allowed(me, t->session.etype), STATUS_LOGON_FAILURE);
	TRY(identity_find(me, x, o, why));
	key_keep(&t->session, req->long_key, o);
	*why = "the answer is too long";
	REQUIRE(t->token.n <= sizeof o->token, STATUS_LOGON_FAILURE);
	if (t->token.n > 0)
		memcpy(o->token, t->token.p, t->token.n);
	o->token_n = t->token.n;
	*why	   = NULL;
	return STATUS_SUCCESS;
}

/* The client's mechListMIC, if it came, and ours over the same list.  [RFC4178] 5 */
static nt
mics_do(const struct krb_accept_req *req, struct exchange *x, struct outcome *o, const char **why)
{
	struct wr w = wr_init(o->mic, sizeof o->mic);

	o->mic_n = 0;
	if (req->mech_list.n == 0)
		return STATUS_SUCCESS;
	*why = "the mechListMIC is wrong: the list of mechanisms was changed on the way";
	REQUIRE(req->client_mic.n == 0 || exchange_mic_verify(x, req->mech_list, req->client_mic),
		STATUS_LOGON_FAILURE);
	TRY(exchange_mic_make(x, req->mech_list, &w));
	o->mic_n = w.pos;
	*why	 = NULL;
	return STATUS_SUCCESS;
}

/* o lives until the answer has been encoded. */
static void
answer(const struct outcome *o, struct krb_accept_rsp *rsp)
{
	rsp->done	  = true;
	rsp->token	  = SPAN(o->token, o->token_n);
	rsp->key	  = SPAN(o->key, o->key_n);
	rsp->principal	  = str_of(o->principal);
	rsp->realm	  = str_of(o->realm);
	rsp->expires	  = o->expires;
	rsp->flags	  = o->flags;
	rsp->user_sid	  = SPAN(o->user_sid, o->user_sid_n);
	rsp->sids	  = SPAN(o->sids, o->sids_n);
	rsp->logon_name	  = str_of(o->logon_name);
	rsp->logon_domain = str_of(o->logon_domain);
	rsp->server_mic	  = SPAN(o->mic, o->mic_n);
}

static void
answer_done(struct call *c, const struct outcome *o, struct krb_accept_rsp *rsp)
{
	struct outcome *kept = call_scratch(c, sizeof *kept);

	*kept = *o;
	answer(kept, rsp);
	log_debug("ticket accepted client=%s realm=%s pac=%s", log_qs(o->principal),
		  log_qs(o->realm), o->flags & KRB_HAS_PAC ? "yes" : "no");
}

static uint64_t
now_ms(const struct krb *me)
{
	return loop_now(me->loop) / 1000000u;
}

/* Right so far: token and our MIC go out, the client's MIC is awaited. */
static void
answer_pending(struct krb *me, struct call *c, struct exchange *x, struct outcome *o,
	       struct krb_accept_rsp *rsp)
{
	struct outcome *kept = call_scratch(c, sizeof *kept);

	memcpy(kept->token, o->token, o->token_n);
	memcpy(kept->mic, o->mic, o->mic_n);
	rsp->token	= SPAN(kept->token, o->token_n);
	rsp->server_mic = SPAN(kept->mic, o->mic_n);
	rsp->ctx	= await_add(me->awaits, now_ms(me), x, o);
}

static nt
first_leg(struct krb *me, struct call *c, const struct krb_accept_req *req,
	  struct krb_accept_rsp *rsp)
{
	CLEANUP(exchange_drop) struct exchange *x = NULL;
	CLEANUP(outcome_drop) struct outcome *o	  = xcalloc(1, sizeof *o);
	const char *why				  = NULL;
	struct ap_req a;
	nt status;

	if (nt_failed(ap_req_decode(req->token, &a)))
		return refuse("this is not a client's Kerberos token", NULL, NULL);
	why = service_refusal(me, &a);
	if (why)
		return refuse(why, &a, NULL);
	status = heimdal_accept(me->heimdal, req->token, &x, &why);
	if (nt_ok(status))
		status = exchange_judge(me, req, &a, x, o, &why);
	if (nt_ok(status))
		status = mics_do(req, x, o, &why);
	if (nt_failed(status))
		return refuse(why, &a, x);
	if (req->mic_due && req->mech_list.n > 0 && req->client_mic.n == 0)
		answer_pending(me, c, STEAL(x), STEAL(o), rsp);
	else
		answer_done(c, o, rsp);
	return STATUS_SUCCESS;
}

/* Only the MIC is missing; another token has no meaning any more. */
static nt
last_leg(struct krb *me, struct call *c, const struct krb_accept_req *req,
	 struct krb_accept_rsp *rsp)
{
	CLEANUP(exchange_drop) struct exchange *x = NULL;
	CLEANUP(outcome_drop) struct outcome *o	  = NULL;

	TRY(await_take(me->awaits, req->ctx, now_ms(me), &x, &o));
	if (req->token.n > 0 || req->client_mic.n == 0)
		return refuse("the mechListMIC did not come", NULL, x);
	if (!exchange_mic_verify(x, req->mech_list, req->client_mic))
		return refuse("the mechListMIC is wrong: the list of mechanisms was changed "
			      "on the way",
			      NULL, x);
	o->token_n = 0; /* both were sent with the first answer */
	o->mic_n   = 0;
	answer_done(c, o, rsp);
	return STATUS_SUCCESS;
}

nt
krb_accept(struct krb *me, struct call *c, const struct krb_accept_req *req,
	   struct krb_accept_rsp *rsp)
{
	return req->ctx == 0 ? first_leg(me, c, req, rsp) : last_leg(me, c, req, rsp);
}

nt
krb_abort(struct krb *me, struct call *c, const struct krb_abort_req *req,
	  struct krb_abort_rsp *rsp)
{
	CLEANUP(exchange_drop) struct exchange *x = NULL;
	CLEANUP(outcome_drop) struct outcome *o	  = NULL;

	(void)c;
	(void)rsp;
	return await_take(me->awaits, req->ctx, now_ms(me), &x, &o);
}
