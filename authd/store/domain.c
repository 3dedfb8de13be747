/*
 * domain.c - a user of the domain, whose NTLM response only a controller can
 * check: net asks it and comes back with the session base key, under which the
 * MIC and the exchanged key are checked here as for everybody else.
 * [MS-APDS] 3.1.5.2, [MS-NLMP] 3.2.5.1.2
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "ipc/msg/net.msg.h"
#include "proto/fscc/filetime.h"

#define ASK_MS	     65000u /* net has a limit of its own, `domain timeout` */
#define RESPONSE_MIN 44u    /* [MS-NLMP] 2.2.2.8; NTLMv1 has 24 */
/* Computers' own accounts may log on.  [MS-NRPC] 2.2.1.4.15, bits E and K */
#define ALLOW_MACHINES 0x00000820u

/* What the client sent, until the controller has answered. */
struct passage {
	struct auth_ntlm_finish_req req; /* spans into memory */
	uint8_t *memory;
	char why[160];
};

void
passage_free(struct passage *p)
{
	if (!p)
		return;
	free(p->memory);
	free(p);
}

static bool
text_is(struct str s, struct str other)
{
	return s.n > 0 && other.n > 0 && utf8_casecmp(s.s, other.s) == 0;
}

/*
 * Ours is who names this machine; the domain's who names the domain.  Clients
 * put their own machine's name there, or nothing, when their user typed none:
 * then an account of ours goes first.
 */
bool
logon_is_domains(const struct logon *l, const struct auth_ntlm_finish_req *req)
{
	const struct conf_auth_req *c = &l->store->conf;
	struct account_key key;
	struct account a;
	bool ours;

	if (!c->member || req->user.n == 0 || text_is(req->domain, c->netbios_name) ||
	    text_is(req->domain, str_of(".")))
		return false;
	if (text_is(req->domain, c->workgroup) || text_is(req->domain, c->realm))
		return true;
	ours = nt_ok(account_key(req->user.s, &key)) &&
	       nt_ok(account_find(l->store->accounts, &key, &a));
	secret_wipe(&a, sizeof a);
	return !ours && !(c->guest_ok && utf8_casecmp(req->user.s, "guest") == 0);
}

/* Statuses that are about the way to the controller: no password was tried. */
static bool
nobody_judged(nt status)
{
	return nt_is(status, STATUS_NO_LOGON_SERVERS) || nt_is(status, STATUS_NOT_SUPPORTED) ||
	       nt_is(status, STATUS_TRUSTED_RELATIONSHIP_FAILURE) ||
	       nt_is(status, STATUS_CONNECTION_RESET) || nt_is(status, STATUS_IO_TIMEOUT) ||
	       nt_is(status, STATUS_INSUFFICIENT_RESOURCES) ||
	       nt_is(status, STATUS_INVALID_PARAMETER);
}

static void
refuse(struct logon *l, nt status)
{
	struct passage *p = l->passage;

	(void)snprintf(p->why, sizeof p->why, "%s: %s (%s)",
		       nobody_judged(status) ? "the domain cannot be asked"
					     : "the domain controller refuses",
		       nt_sentence(status), nt_name(status));
	l->guessed = !nobody_judged(status);
	l->reason  = p->why;
}

/* The controller knows the user; now what the client said to us must fit. */
static void
accept(struct logon *l, const struct net_logon_rsp *rsp)
{
	const struct auth_ntlm_finish_req *req = &l->passage->req;
	struct challenge sent		       = { .flags = l->context.flags };
	uint8_t pairs[2048];
	struct wr w = wr_init(pairs, sizeof pairs);

	target_info_encode(l->store, l->context.timestamp, &w);
	sent.target_info = wr_done(&w);
	memcpy(sent.nonce, l->context.nonce, sizeof sent.nonce);
	verify_ntlm_base(req, &sent, rsp->key.p, filetime_from_ns((int64_t)clock_real_ns()),
			 &l->verdict);
	l->reason  = verify_reason_text(l->verdict.reason);
	l->guessed = true;
	if (l->verdict.reason != VERIFY_OK)
		return;
	if (nt_failed(
		logon_set_foreign(l, rsp->user, rsp->domain, str_of(""), rsp->user_sid, rsp->sids)))
		l->reason = "the controller's answer names nobody who could log on here";
	else
		l->reason = foreign_refusal(l);
	if (!l->reason)
		l->reason = target_refusal(l->store, &l->verdict.aim);
	l->accepted = l->reason == NULL;
}

static void ask(struct logon *l);

static void
judged(void *ctx, nt status, const struct net_logon_rsp *rsp, struct span data)
{
	struct logon *l = ctx;

	(void)data;
	if (nt_is(status, STATUS_CONNECTION_RESET)) {
		logon_retry(l, ask, "the process that reaches the domain went away");
		return;
	}
	if (nt_ok(status) && rsp && rsp->key.n == NTLM_KEY_SIZE)
		accept(l, rsp);
	else
		refuse(l, nt_ok(status) ? STATUS_INTERNAL_ERROR : status);
	logon_delay(l);
}

/* The request's bytes end with the handler. */
static bool
passage_new(struct logon *l, const struct auth_ntlm_finish_req *req)
{
	struct passage *p = calloc(1, sizeof *p);
	struct wr w	  = msg_room();

	l->passage = p; /* the logon's to free */
	if (!p)
		return false;
	auth_ntlm_finish_req_encode(&w, req);
	p->memory = wr_ok(&w) ? malloc(w.pos) : NULL;
	if (!p->memory)
		return false;
	memcpy(p->memory, w.base, w.pos);
	return nt_ok(auth_ntlm_finish_req_decode(SPAN(p->memory, w.pos), &p->req));
}

static void
ask(struct logon *l)
{
	const struct auth_ntlm_finish_req *req = &l->passage->req;
	const struct call_opt opt	       = { .timeout_ms = ASK_MS };
	struct rd nonce	 = rd_init(SPAN(l->context.nonce, sizeof l->context.nonce));
	struct link *net = node_peer(l->store->node, PEER_NET);
	const struct net_logon_req question = {
		.user	     = req->user,
		.domain	     = req->domain,
		.workstation = req->workstation,
		.challenge   = rd_u64(&nonce),
		.nt_response = req->nt_response,
		.lm_response = req->lm_response,
		.parameters  = ALLOW_MACHINES,
	};

	if (!net || nt_failed(net_logon_call(net, &question, &opt, judged, l)))
		logon_retry(l, ask, "the process that reaches the domain is not there");
}

/*
 * Whoever is locked out here guesses no further at the controller, which has
 * lock-outs of its own: they would be of the account, wherever its user is.
 */
static const char *
locked_out(const struct logon *l)
{
	const struct store *s  = l->store;
	struct account_key key = { "" };

	(void)account_key(l->claimed, &key).code;
	return throttle_refusal(s->throttle, key.s, &l->context.client, store_now_ms(s));
}

/* As many may be on their way as may fail: what arrives at once is counted only when it comes back.
 */
static bool
too_many_ask(const struct logon *l)
{
	const struct store *s = l->store;
	const struct logon *other;
	uint32_t n = 0;

	TAILQ_FOREACH(other, &s->logons, all)
		n += other->passage && !other->reason && !other->accepted &&
		     throttle_same_host(&other->context.client, &l->context.client) &&
		     utf8_casecmp(other->claimed, l->claimed) == 0;
	return s->conf.lock_pair > 0 && n >= s->conf.lock_pair;
}

void
logon_pass(struct logon *l, const struct auth_ntlm_finish_req *req)
{
	memcpy(l->claimed, req->user.s, req->user.n + 1);
	if (req->workstation.n > 0)
		memcpy(l->from, req->workstation.s, req->workstation.n + 1);
	l->give_up_ms = store_now_ms(l->store) + LOGON_FOR_MS;
	l->reason     = locked_out(l);
	l->guessed    = l->reason != NULL;
	if (req->nt_response.n < RESPONSE_MIN)
		l->reason = "the response is not NTLMv2";
	if (l->reason) {
		logon_delay(l);
	} else if (too_many_ask(l)) {
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES,
			   "too many logons of this account from there wait for the controller");
	} else if (!passage_new(l, req)) {
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, "no memory");
	} else {
		ask(l);
	}
}
