/*
 * logon.c - from the verdict to the answer: refusals, retries, the answer
 * itself, and logons on a session that exists (re-authentication, binding).
 */
#include "authd/store/logon.h"

#include <stdio.h>

#include "base/log.h"
#include "base/secret.h"
#include "ipc/msg/smbd.msg.h"

void
logon_free(struct logon *l)
{
	struct store *s = l->store;

	TAILQ_REMOVE(&s->logons, l, all);
	s->n_logons--;
	loop_timer_clear(&l->timer);
	secret_free(l, sizeof *l);
	store_maybe_stop(s);
}

static void
logon_log(const struct logon *l, const char *what, const char *reason)
{
	char client[ADDR_TEXT];

	log_audit("%s user=%s as=%s client=%s from=%s session=%016llx%s%s", what,
		  log_qs(l->claimed), log_qs(l->user), addr_print(&l->context.client, client),
		  log_qs(l->from),
		  (unsigned long long)(l->context.session ? l->context.session : l->context.id),
		  reason ? " reason=" : "", reason ? log_qs(reason) : "");
}

void
logon_fail(struct logon *l, nt status, const char *reason)
{
	logon_log(l, "logon refused", reason);
	auth_ntlm_finish_reply(l->call, status, NULL, SPAN_NONE);
	logon_free(l);
}

/* An accepted logon that nobody waits for any more is a session nobody would close. */
void
logon_answer(struct logon *l, uint64_t session)
{
	struct auth_ntlm_finish_rsp rsp = {
		.session = session,
		.worker	 = l->worker,
		.flags	 = l->flags,
	};

	if (l->verdict.has_mic)
		rsp.server_mic = SPAN(l->verdict.mic, sizeof l->verdict.mic);
	if (l->orphan && l->context.session == 0)
		session_close(l->store, session, NULL, NULL);
	else
		logon_log(l, "logon", NULL);
	auth_ntlm_finish_reply(l->call, STATUS_SUCCESS, &rsp, SPAN_NONE);
	logon_free(l);
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
	else if (l->context.session != 0)
		logon_rejoin(l);
	else
		logon_establish(l);
}

/* ---- on an established session ---- */

static void
bound(void *ctx, nt status, const struct worker_session_rsp *rsp, struct span data)
{
	struct logon *l = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		logon_fail(l, status, "the worker did not take the channel's key");
	else
		logon_answer(l, l->context.session);
}

/* The key of a channel differs from the session's: pushed under this exchange's ctx.  3.3.5.5.3 */
static void
logon_bind(struct logon *l, const struct session *session)
{
	const struct call_opt opt	    = { .timeout_ms = LOGON_ASK_MS };
	const struct worker_session_req req = {
		.session = l->context.session,
		.ctx	 = l->context.id,
		.key	 = SPAN(l->verdict.key, sizeof l->verdict.key),
		.user	 = session->row.user,
		.domain	 = session->row.domain,
		.sid	 = session->grant.sid,
		.grant	 = session->grant.grant,
		.expires = session->grant.expires,
		.flags	 = session->row.flags,
	};
	struct link *worker = node_find(l->store->node, l->worker);

	if (!worker || nt_failed(worker_session_call(worker, &req, &opt, bound, l)))
		logon_fail(l, STATUS_USER_SESSION_DELETED, "the worker is gone");
}

/*
 * Who re-authenticates or binds a channel must be who opened the session.
 * Re-authentication changes no keys, so there is nothing to push.
 * [MS-SMB2] 3.3.5.5.2, 3.3.5.5.3
 */
void
logon_rejoin(struct logon *l)
{
	struct session session;

	l->worker = l->context.peer;
	if (nt_failed(registry_find(l->store->sessions, l->context.session, &session)) ||
	    session.row.worker != l->worker)
		logon_fail(l, STATUS_USER_SESSION_DELETED, "the session has ended");
	else if (l->flags != 0 || !session_is_of(&session, l->user))
		logon_fail(l, STATUS_ACCESS_DENIED, "the session belongs to another user");
	else if (l->binding)
		logon_bind(l, &session);
	else
		logon_answer(l, l->context.session);
}
