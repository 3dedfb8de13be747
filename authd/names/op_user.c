/*
 * op_user.c - the one question: uid, gid and groups of an account name.
 *
 * Root is refused under any name: uid 0 is never a file identity.  An account
 * in more groups than a grant can carry is refused as well, since leaving
 * groups out could open what one of them is denied.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "authd/names/names.h"
#include "base/log.h"

#define ENTRY_MAX 65536u
/* No such account; makes NSS ask, and so load, every module there is. */
#define NOBODYS_NAME "bulkhead:none"

/* getpwnam_r(3): not found is success without a result, on some modules an errno. */
static nt
account_look_up(const char *name, char *room, struct passwd *pw)
{
	struct passwd *found = NULL;
	int err		     = getpwnam_r(name, pw, room, ENTRY_MAX, &found);

	if (found)
		return STATUS_SUCCESS;
	if (err == 0 || err == ENOENT || err == ESRCH)
		return STATUS_NO_SUCH_USER;
	log_error("looking up an account failed name=%s: %s", log_qs(name), strerror(err));
	return STATUS_NO_SUCH_USER;
}

static nt
groups_look_up(const struct passwd *pw, struct gid_list *ret)
{
	gid_t groups[GIDS_MAX];
	int n = GIDS_MAX;

	if (getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0) {
		log_error("account is in too many groups name=%s most=%u", log_qs(pw->pw_name),
			  GIDS_MAX);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	ret->n = (uint16_t)n;
	for (int i = 0; i < n; i++)
		ret->v[i] = groups[i];
	return STATUS_SUCCESS;
}

nt
names_user(struct names *me, struct call *c, const struct names_user_req *req,
	   struct names_user_rsp *rsp)
{
	char *room = call_scratch(c, ENTRY_MAX);
	struct passwd pw;

	(void)me;
	TRY(account_look_up(req->name.s, room, &pw));
	if (pw.pw_uid == 0) {
		log_warn("an account with uid 0 is never a file identity name=%s",
			 log_qs(req->name.s));
		return STATUS_ACCESS_DENIED;
	}
	TRY(groups_look_up(&pw, &rsp->groups));
	rsp->name = str_of(pw.pw_name);
	rsp->uid  = pw.pw_uid;
	rsp->gid  = pw.pw_gid;
	return STATUS_SUCCESS;
}

void
names_warm(void)
{
	static char room[ENTRY_MAX];
	struct passwd pw;
	gid_t group;
	int n = 1;

	(void)account_look_up(NOBODYS_NAME, room, &pw).code;
	(void)getgrouplist(NOBODYS_NAME, 0, &group, &n);
}
