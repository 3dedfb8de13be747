/*
 * establish.c - an accepted logon becomes a session: the Unix account, the end
 * of the previous session, a worker, then key and grant to worker and fsd at
 * once, and the answer when both have them.
 */
#include <string.h>

#include "authd/store/logon.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/smbd.msg.h"

static void establish_previous(struct logon *);
static void establish_worker(struct logon *);
static void establish_push(struct logon *);

static bool
peer_was_lost(nt status)
{
	return nt_is(status, STATUS_CONNECTION_RESET) || nt_is(status, STATUS_PIPE_BROKEN);
}

/* ---- the Unix account ---- */

static const char *
unnamed_reason(nt status)
{
	switch (status.code) {
	case NT_NO_SUCH_USER:
		return "no Unix account of that name";
	case NT_ACCESS_DENIED:
		return "the Unix account of that name has uid 0";
	case NT_INSUFFICIENT_RESOURCES:
		return "the Unix account is in too many groups";
	case NT_IO_TIMEOUT:
		return "the names process did not answer in time";
	default:
		return nt_sentence(status);
	}
}

/* Uid and groups stand: a session of its own, or one that exists. */
static void
identified(struct logon *l)
{
	if (l->foreign && nt_failed(map_groups(l->store, l->foreign, &l->grant.groups))) {
		logon_fail(l, STATUS_LOGON_FAILURE, "the user is in too many groups with gids");
		return;
	}
	logon_print_sid(l);
	if (l->context.session != 0)
		logon_rejoin(l);
	else
		establish_previous(l);
}

static void named(void *ctx, nt, const struct names_user_rsp *, struct span data);

static void
name_ask(struct logon *l)
{
	const struct names_user_req req = { .name = str_of(l->user) };
	const struct call_opt opt	= { .timeout_ms = LOGON_ASK_MS };
	struct link *names		= node_peer(l->store->node, PEER_NAMES);

	if (!names || nt_failed(names_user_call(names, &req, &opt, named, l)))
		logon_retry(l, name_ask, "the names process is not there");
}

static void
user_set(struct logon *l, const char *name)
{
	size_t n = strnlen(name, NAME_BOUND);

	memmove(l->user, name, n);
	l->user[n] = '\0';
}

/* Nobody acts for this user of a domain, unless somebody is configured to. */
static void
unmapped(struct logon *l, const char *reason)
{
	const char *account = l->store->conf.unmapped_user.s;

	if (!account || !*account || l->unmapped) {
		logon_fail(l, STATUS_LOGON_FAILURE, reason);
		return;
	}
	l->unmapped = true;
	user_set(l, account);
	if (l->store->conf.as_uid == NO_UID)
		name_ask(l);
	else
		identified(l);
}

/* Names of a directory ignore case, those of a plain realm and of Unix do not. */
static bool
name_ask_folded(struct logon *l)
{
	char folded[NAME_BOUND + 1];

	if (!l->foreign || !l->foreign->domain[0] || l->second_name || l->unmapped ||
	    nt_failed(utf8_lower(l->user, folded, sizeof folded)) || strcmp(folded, l->user) == 0)
		return false;
	l->second_name = true;
	user_set(l, folded);
	name_ask(l);
	return true;
}

static void
named(void *ctx, nt status, const struct names_user_rsp *rsp, struct span data)
{
	struct logon *l = ctx;

	(void)data;
	if (peer_was_lost(status)) {
		logon_retry(l, name_ask, "the names process is not there");
		return;
	}
	if (nt_is(status, STATUS_NO_SUCH_USER) && l->foreign) {
		if (!name_ask_folded(l))
			unmapped(l, "no Unix account for this user of a domain: see `idmap`");
		return;
	}
	if (nt_failed(status)) {
		logon_fail(l, STATUS_LOGON_FAILURE, unnamed_reason(status));
		return;
	}
	l->grant.uid	= rsp->uid;
	l->grant.gid	= rsp->gid;
	l->grant.groups = rsp->groups;
	identified(l);
}

/* Who acts for a domain's user: map.c decides. */
static void
foreign_establish(struct logon *l)
{
	const struct map_verdict v = map_user(l->store, l->foreign);
	char whole[2 * NAME_BOUND + 2];

	if (v.kind == MAP_REFUSED) {
		unmapped(l, "this user of a domain is mapped to no Unix account: see `idmap`");
		return;
	}
	user_set(l, v.kind == MAP_UID ? foreign_print(l->foreign, whole) : v.account);
	if (v.kind == MAP_UID && l->store->conf.as_uid == NO_UID) {
		l->grant.uid = v.uid;
		l->grant.gid = v.gid;
	}
	if (v.kind == MAP_UID || l->store->conf.as_uid != NO_UID)
		identified(l);
	else
		name_ask(l);
}

void
logon_establish(struct logon *l)
{
	const struct conf_auth_req *conf = &l->store->conf;

	if (conf->as_uid != NO_UID) {
		l->grant.uid = conf->as_uid;
		l->grant.gid = conf->as_gid;
	}
	if (l->foreign)
		foreign_establish(l);
	else if (conf->as_uid != NO_UID)
		identified(l);
	else
		name_ask(l);
}

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
static void
establish_previous(struct logon *l)
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
	if (peer_was_lost(status) || nt_is(status, STATUS_RETRY)) {
		logon_retry(l, establish_worker, "the directory has no worker");
	} else if (nt_failed(status)) {
		logon_fail(l, STATUS_INSUFFICIENT_RESOURCES, nt_sentence(status));
	} else {
		l->worker = rsp->worker;
		establish_push(l);
	}
}

/* Whose worker: two people never share one, even where one Unix account acts for both. */
static nt
worker_identity(const struct logon *l, char ret[NAME_BOUND + 1])
{
	char whole[2 * NAME_BOUND + 2];

	if (l->flags != 0)
		return utf8_lower("guest", ret, NAME_BOUND + 1);
	if (!l->foreign)
		return utf8_lower(l->user, ret, NAME_BOUND + 1);
	return utf8_lower(foreign_print(l->foreign, whole), ret, NAME_BOUND + 1);
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
	if (peer_was_lost(status))
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
fsd_has_it(void *ctx, nt status, const struct fsd_grant_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
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

static nt
push_fsd(struct logon *l, struct link *fsd)
{
	const struct call_opt opt = { .timeout_ms = LOGON_ASK_MS };

	l->pending++;
	return fsd_grant_call(fsd, &l->grant, &opt, fsd_has_it, l);
}

static void
push_all(struct logon *l, struct link *worker)
{
	struct link *link = NULL;
	nt status;

	l->status    = STATUS_SUCCESS;
	l->peer_lost = false;
	l->pending   = 1;
	while ((link = node_next(l->store->node, link))) {
		if (link_role(link) != PEER_FSD)
			continue;
		status = push_fsd(l, link);
		if (nt_failed(status))
			push_step(l, status);
	}
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
	return registry_put(l->store->sessions, &row, &l->grant);
}

/* In the registry first: whoever dies from here on is found there. */
static void
establish_push(struct logon *l)
{
	struct link *worker = node_find(l->store->node, l->worker);
	nt status;

	if (!worker || !node_peer(l->store->node, PEER_FSD)) {
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
