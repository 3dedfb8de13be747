/*
 * establish.c - an accepted logon, of which identify.c has said who acts,
 * becomes a session: the end of the previous one, a worker, then key and grant
 * to worker and fsd at once, and the answer when both have them.
 */
#include <assert.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/smbd.msg.h"

static void establish_worker(struct logon *);
static void establish_push(struct logon *);

/* ---- the session this one replaces ---- */

static void
previous_closed(void *ctx, nt status)
{
	struct logon *l = ctx;

	if (nt_failed(status))
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, "the previous session does not end");
	else
		establish_worker(l);
}

/* Another user's, or an unknown one, is left alone without a word.  [MS-SMB2] 3.3.5.5.3 */
void
logon_enter(struct logon *l)
{
	struct session session;

	if (l->previous != 0 && l->flags == 0 &&
	    nt_ok(registry_find(l->store->sessions, l->previous, &session)) &&
	    session_is_of_sid(&session, l->sid))
		session_close(l->store, l->previous, previous_closed, l);
	else
		establish_worker(l);
}

/* ---- a worker ---- */

static void
worker_found(void *ctx, nt status, const struct dir_worker_get_rsp *rsp, struct span data)
{
	struct logon *l = ctx;

	(void)data;
	if (logon_peer_lost(status) || nt_is(status, STATUS_RETRY)) {
		logon_retry(l, establish_worker, "the directory has no worker");
	} else if (nt_failed(status)) {
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, nt_sentence(status));
	} else {
		l->worker = rsp->worker;
		establish_push(l);
	}
}

/*
 * Whose worker: two people never share one, even where one Unix account acts for
 * both.  Names of a realm without a domain are as written: Alice and alice are two.
 */
static nt
worker_identity(const struct logon *l, char ret[NAME_BOUND + 1])
{
	char whole[2 * NAME_BOUND + 2];
	size_t n;

	if (l->flags != 0)
		return utf8_lower("guest", ret, NAME_BOUND + 1);
	if (!l->foreign)
		return utf8_lower(l->user, ret, NAME_BOUND + 1);
	(void)foreign_print(l->foreign, whole);
	if (l->foreign->domain[0])
		return utf8_lower(whole, ret, NAME_BOUND + 1);
	n = strlen(whole);
	REQUIRE(n <= NAME_BOUND, STATUS_NAME_TOO_LONG);
	memcpy(ret, whole, n + 1);
	return STATUS_SUCCESS;
}

/* A second user on a worker's connection stays with that worker. */
static void
establish_worker(struct logon *l)
{
	const struct call_opt opt     = { .timeout_ms = LOGON_ASK_MS };
	struct dir_worker_get_req req = { .fresh = l->flags != 0 };
	char identity[NAME_BOUND + 1] = "";
	struct link *asker	      = node_find(l->store->node, l->context.peer);

	if (asker && link_role(asker) == PEER_WORKER) {
		l->worker = l->context.peer;
		establish_push(l);
		return;
	}
	if (nt_failed(worker_identity(l, identity))) {
		logon_fail(l, STATUS_LOGON_FAILURE, "the account has no usable name");
		return;
	}
	req.identity = str_of(identity);
	if (nt_failed(
		dir_worker_get_call(node_directory(l->store->node), &req, &opt, worker_found, l)))
		logon_retry(l, establish_worker, "the directory does not answer");
}

/* ---- key and grant ---- */

static void
undone(void *ctx, nt status)
{
	struct logon *l = ctx;

	(void)status;
	if (l->peer_lost)
		logon_retry(l, establish_worker, "worker or fsd went away");
	else
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, nt_sentence(l->status));
}

static void
push_step(struct logon *l, nt status)
{
	if (logon_peer_lost(status))
		l->peer_lost = true;
	if (nt_failed(status) && nt_ok(l->status))
		l->status = status;
	if (--l->pending > 0)
		return;
	if (nt_ok(l->status))
		logon_answer(l, l->context.id);
	else
		session_close(l->store, l->context.id, undone, l);
}

static void
worker_has_it(void *ctx, nt status, const struct worker_session_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	push_step(ctx, status);
}

static void
fsd_has_it(void *ctx, nt status)
{
	push_step(ctx, status);
}

static nt
push_worker(struct logon *l, struct link *worker)
{
	const struct call_opt opt	    = { .timeout_ms = LOGON_ASK_MS };
	const struct worker_session_req req = {
		.session = l->context.id,
		.ctx	 = l->context.id,
		.key	 = logon_key(l),
		.user	 = l->grant.user,
		.domain	 = str_of(logon_domain(l)),
		.sid	 = l->grant.sid,
		.grant	 = l->grant.grant,
		.expires = l->grant.expires,
		.flags	 = l->flags,
	};

	l->pending++;
	return worker_session_call(worker, &req, &opt, worker_has_it, l);
}

static void
push_all(struct logon *l, struct link *worker)
{
	nt status;

	l->status    = STATUS_SUCCESS;
	l->peer_lost = false;
	l->pending   = 1;
	fsds_grant(l->store, &l->grant,
		   &(struct fsds_waiter){ fsd_has_it, l, &l->pending, LOGON_ASK_MS });
	status = push_worker(l, worker);
	if (nt_failed(status))
		push_step(l, status);
	push_step(l, STATUS_SUCCESS);
}

static void
grant_make(struct logon *l)
{
	struct id16 id;

	random_bytes(id.b, sizeof id.b);
	grant_fill(l, &id, l->context.id);
}

static nt
session_register(struct logon *l)
{
	const struct auth_sessions_rsp row = {
		.session = l->context.id,
		.user	 = l->grant.user,
		.domain	 = str_of(logon_domain(l)),
		.client	 = l->context.client,
		.started = clock_real_ns(),
		.worker	 = l->worker,
		.flags	 = l->flags,
		.dialect = l->dialect,
		.method	 = str_of(l->krb ? "kerberos" : "ntlm"),
		.expires = l->expires,
	};
	struct session other;

	REQUIRE(db_count(l->store->sessions) < SESSIONS_MAX, STATUS_TOO_MANY_SESSIONS);
	REQUIRE(nt_failed(registry_find(l->store->sessions, row.session, &other)),
		STATUS_INSUFFICIENT_RESOURCES);
	static_assert(LOGON_SIDS_MAX + 4096 <= DB_VALUE_MAX, "groups that the registry cannot keep");
	return registry_put(l->store->sessions, &row, &l->grant);
}

/* In the registry first: whoever dies from here on is found there. */
static void
establish_push(struct logon *l)
{
	struct link *worker = node_find(l->store->node, l->worker);
	nt status;

	if (!worker || !fsds_own_there(l->store)) {
		logon_retry(l, establish_worker,
			    worker ? "fsd is not there" : "the worker is gone");
		return;
	}
	grant_make(l);
	status = session_register(l);
	if (nt_failed(status))
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, nt_sentence(status));
	else
		push_all(l, worker);
}
