/*
 * logon.c - from the verdict to the answer: refusals, retries, the answer
 * itself, and what of a logon the others are told.
 */
#include "authd/store/logon.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"

void
logon_free(struct logon *l)
{
	struct store *s = l->store;

	TAILQ_REMOVE(&s->logons, l, all);
	s->n_logons--;
	loop_timer_clear(&l->timer);
	free(l->foreign);
	passage_free(l->passage);
	if (l->krb) {
		free(l->krb->memory);
		free(l->krb->answer);
		free(l->krb);
	}
	secret_free(l, sizeof *l);
	store_maybe_stop(s);
}

static void
logon_log(const struct logon *l, const char *what, const char *reason)
{
	char client[ADDR_TEXT], whole[2 * NAME_BOUND + 2];

	log_audit("%s user=%s as=%s by=%s client=%s from=%s session=%016llx%s%s", what,
		  log_qs(l->foreign ? foreign_print(l->foreign, whole) : l->claimed),
		  log_qs(l->user), l->context.kerberos ? "kerberos" : "ntlm",
		  addr_print(&l->context.client, client), log_qs(l->from),
		  (unsigned long long)(l->context.session ? l->context.session : l->context.id),
		  reason ? " reason=" : "", reason ? log_qs(reason) : "");
}

void
logon_fail(struct logon *l, nt status, const char *reason)
{
	logon_log(l, "logon refused", reason);
	logon_tell_failed(l, status, reason);
	if (l->context.kerberos)
		auth_krb_reply(l->call, status, NULL, SPAN_NONE);
	else
		auth_ntlm_finish_reply(l->call, status, NULL, SPAN_NONE);
	logon_free(l);
}

static void
answer_krb(struct logon *l, uint64_t session)
{
	const struct krb_leg *k	      = l->krb;
	const struct auth_krb_rsp rsp = {
		.ctx	    = l->context.id,
		.done	    = true,
		.token	    = SPAN(k->answer, k->token_n),
		.session    = session,
		.worker	    = l->worker,
		.flags	    = l->flags,
		.server_mic = SPAN(k->answer + k->token_n, k->mic_n),
	};

	auth_krb_reply(l->call, STATUS_SUCCESS, &rsp, SPAN_NONE);
}

static void
answer_ntlm(struct logon *l, uint64_t session)
{
	struct auth_ntlm_finish_rsp rsp = {
		.session = session,
		.worker	 = l->worker,
		.flags	 = l->flags,
	};

	if (l->verdict.has_mic)
		rsp.server_mic = SPAN(l->verdict.mic, sizeof l->verdict.mic);
	auth_ntlm_finish_reply(l->call, STATUS_SUCCESS, &rsp, SPAN_NONE);
}

/* An accepted logon that nobody waits for any more is a session nobody would close. */
void
logon_answer(struct logon *l, uint64_t session)
{
	if (l->orphan && l->context.session == 0)
		session_close(l->store, session, NULL, NULL);
	else
		logon_log(l, "logon", NULL);
	if (l->krb)
		answer_krb(l, session);
	else
		answer_ntlm(l, session);
	logon_free(l);
}

bool
logon_peer_lost(nt status)
{
	return nt_is(status, STATUS_CONNECTION_RESET) || nt_is(status, STATUS_PIPE_BROKEN);
}

static void
logon_retry_due(void *ctx)
{
	struct logon *l = ctx;

	l->again(l);
}

/* A process that died is restarted and introduced again: worth a short wait. */
void
logon_retry(struct logon *l, void (*step)(struct logon *), const char *waits_for)
{
	if (store_now_ms(l->store) >= l->give_up_ms) {
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, waits_for);
		return;
	}
	l->again = step;
	loop_timer_set(l->store->loop, &l->timer, LOGON_AGAIN_MS, logon_retry_due, l);
}

/* Samba and Windows name a response that cannot be taken apart; it is about no account. */
static nt
refusal_status(const struct logon *l)
{
	return l->verdict.reason == VERIFY_MALFORMED ? STATUS_INVALID_PARAMETER
						     : STATUS_LOGON_FAILURE;
}

void
logon_go(struct logon *l)
{
	l->give_up_ms = store_now_ms(l->store) + LOGON_FOR_MS;
	if (!l->accepted)
		logon_fail(l, refusal_status(l), l->reason);
	else if (l->orphan)
		logon_fail(l, STATUS_CANCELLED, "the client has gone");
	else
		logon_establish(l);
}

/* ---- what the others are told ---- */

struct span
logon_key(const struct logon *l)
{
	return l->krb ? SPAN(l->key, l->key_n) : SPAN(l->verdict.key, sizeof l->verdict.key);
}

const char *
logon_domain(const struct logon *l)
{
	if (!l->foreign)
		return l->store->conf.netbios_name.s;
	return l->foreign->domain[0] ? l->foreign->domain : l->foreign->realm;
}

void
logon_print_sid(struct logon *l)
{
	const struct store *s = l->store;
	/* Whoever is mapped for want of anything better shares a uid, but not a SID. */
	const bool by_uid = s->conf.as_uid == NO_UID && !l->unmapped;
	char whole[2 * NAME_BOUND + 2];

	if (l->flags & AUTH_ANONYMOUS)
		sid_print_local(s, SID_ANONYMOUS, 0, l->sid);
	else if (l->flags & AUTH_GUEST)
		sid_print_local(s, SID_GUEST, 0, l->sid);
	else if (l->foreign && l->foreign->has_sid)
		(void)sid_print(&l->foreign->sid, l->sid);
	else if (by_uid)
		sid_print_local(s, SID_BY_UID, l->grant.uid, l->sid);
	else if (l->foreign)
		sid_print_principal(foreign_print(l->foreign, whole), l->sid);
	else
		sid_print_local(s, SID_BY_SERIAL, l->serial, l->sid);
}

void
grant_fill(struct logon *l, const struct id16 *grant, uint64_t session)
{
	const struct foreign *f = l->foreign;
	struct fsd_grant_req *g = &l->grant;

	g->grant   = *grant;
	g->worker  = l->worker;
	g->session = session;
	g->user	   = str_of(l->user);
	g->sid	   = str_of(l->sid);
	g->client  = l->context.client;
	g->expires = l->expires;
	g->flags   = l->flags;
	g->domain  = str_of(f ? f->domain : "");
	g->realm   = str_of(f ? f->realm : "");
	g->logon   = str_of(f ? f->logon : "");
	g->sids	   = f ? SPAN(f->sids, f->sids_n) : SPAN_NONE;
}

