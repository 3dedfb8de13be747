/*
 * rejoin.c - logons on a session that exists: a channel is bound to it, or it
 * authenticates again.  Keys and opens stay; from then on the session is whose
 * the new proof is, as with Samba and Windows.
 * [MS-SMB2] 3.3.5.5.2, 3.3.5.5.3
 */
#include "authd/store/logon.h"
#include "base/log.h"
#include "ipc/msg/smbd.msg.h"

/* ---- a channel ---- */

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
		.key	 = logon_key(l),
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

/* ---- again ---- */

static void
undone(void *ctx, nt status)
{
	(void)status;
	logon_fail(ctx, STATUS_LOGON_FAILURE, "the session's processes did not take the new logon");
}

static nt
renewed_register(struct logon *l)
{
	struct session session;

	TRY(registry_find(l->store->sessions, l->context.session, &session));
	session.row.user    = l->grant.user;
	session.row.domain  = str_of(logon_domain(l));
	session.row.flags   = l->flags;
	session.row.expires = l->expires;
	session.row.method  = str_of(l->krb ? "kerberos" : "ntlm");
	return registry_put(l->store->sessions, &session.row, &l->grant);
}

/* Half a change is none: worker and fsd would disagree about who this is. */
static void
renew_step(struct logon *l, nt status)
{
	if (nt_failed(status) && nt_ok(l->status))
		l->status = status;
	if (--l->pending > 0)
		return;
	if (nt_ok(l->status))
		l->status = renewed_register(l);
	if (nt_ok(l->status))
		logon_answer(l, l->context.session);
	else
		session_close(l->store, l->context.session, undone, l);
}

static void
worker_has_it(void *ctx, nt status, const struct worker_session_again_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	renew_step(ctx, status);
}

static void
fsd_has_it(void *ctx, nt status)
{
	renew_step(ctx, status);
}

static nt
renew_worker(struct logon *l)
{
	const struct call_opt opt		  = { .timeout_ms = LOGON_ASK_MS };
	const struct worker_session_again_req req = {
		.session = l->context.session,
		.user	 = l->grant.user,
		.domain	 = str_of(logon_domain(l)),
		.sid	 = l->grant.sid,
		.expires = l->expires,
		.flags	 = l->flags,
	};
	struct link *worker = node_find(l->store->node, l->worker);

	l->pending++;
	REQUIRE(worker, STATUS_CONNECTION_RESET);
	return worker_session_again_call(worker, &req, &opt, worker_has_it, l);
}

static void
logon_renew(struct logon *l, const struct session *session)
{
	nt status;

	grant_fill(l, &session->grant.grant, l->context.session);
	l->status  = STATUS_SUCCESS;
	l->pending = 1;
	fsds_grant(l->store, &l->grant,
		   &(struct fsds_waiter){ fsd_has_it, l, &l->pending, LOGON_ASK_MS });
	status = renew_worker(l);
	if (nt_failed(status))
		renew_step(l, status);
	renew_step(l, STATUS_SUCCESS);
}

void
logon_rejoin(struct logon *l)
{
	struct session session;

	l->worker = l->context.peer;
	if (nt_failed(registry_find(l->store->sessions, l->context.session, &session)) ||
	    session.row.worker != l->worker ||
	    session_is_closing(l->store, l->context.session)) /* fsd would keep the grant */
		logon_fail(l, STATUS_USER_SESSION_DELETED, "the session has ended");
	else if (!l->binding)
		logon_renew(l, &session);
	else if (l->flags != 0 || !session_is_of_sid(&session, l->sid))
		logon_fail(l, STATUS_ACCESS_DENIED, "the session belongs to another user");
	else
		logon_bind(l, &session);
}
