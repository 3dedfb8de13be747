/*
 * identify.c - as whom an accepted logon acts: whom map.c says, for an account of
 * ours the Unix account of that name if it says nothing.  Then uid, groups
 * and SID stand, and the way goes on to a session of its own (establish.c) or
 * to one that exists (rejoin.c).
 */
#include <assert.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/utf16.h"

static const char *
unnamed_reason(nt status)
{
	switch (status.code) {
	case NT_NO_SUCH_USER:
		return "no Unix account of that name, nor uid and gid in `idmap file`";
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
		logon_enter(l);
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

static void
ids_take(struct fsd_grant_req *g, const struct mapfile_ids *ids)
{
	static_assert(MAPFILE_GIDS <= GIDS_MAX, "more groups in a line than in a grant");
	g->uid	    = ids->uid;
	g->gid	    = ids->gid;
	g->groups.n = ids->n;
	memcpy(g->groups.v, ids->more, ids->n * sizeof ids->more[0]);
}

/* By a line of the map file no account need exist; the name stays who it is. */
static void
local_establish(struct logon *l)
{
	const struct map_verdict v = map_local(l->store, l->user);

	if (v.kind == MAP_UID) {
		ids_take(&l->grant, &v.ids);
		identified(l);
		return;
	}
	user_set(l, v.account);
	name_ask(l);
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
		local_establish(l);
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
	if (logon_peer_lost(status)) {
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
	if (v.kind == MAP_UID && l->store->conf.as_uid == NO_UID)
		ids_take(&l->grant, &v.ids);
	if (v.kind == MAP_UID || l->store->conf.as_uid != NO_UID)
		identified(l);
	else
		local_establish(l);
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
		local_establish(l);
}
