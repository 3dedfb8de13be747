/*
 * creds.c - fsuid, fsgid, groups and capabilities of one thread.
 *
 * A switch from one non-zero fsuid to another clears no capability, so none
 * that overrides permissions may be effective to begin with.  DESIGN 1.
 */
#include "fsd/creds.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/nt.h"

static bool switches;			/* set once, before there are threads */
static uint64_t permitted;
static uint64_t next_serial = 1;	/* main thread */
static _Thread_local uint64_t acting;	/* serial of who this thread is; 0: itself */

static struct str
text_put(char *at, const char *s)
{
	size_t n = strnlen(s, NAME_BOUND);

	memcpy(at, s, n);
	at[n] = '\0';
	return (struct str){ at, n };
}

struct ident *
ident_new(const char *user, const char *sid, uint32_t uid, uint32_t gid,
    const struct gid_list *groups, uint32_t flags)
{
	struct ident *who = xcalloc(1, sizeof *who);

	who->refs   = 1;
	who->serial = next_serial++;
	who->uid    = uid;
	who->gid    = gid;
	who->flags  = flags;
	if (groups)
		who->groups = *groups;
	who->user = text_put(who->text, user);
	who->sid  = text_put(who->text + NAME_BOUND + 1, sid);
	return who;
}

struct ident *
ident_hold(struct ident *who)
{
	who->refs++;
	return who;
}

void
ident_drop(struct ident *who)
{
	if (!who || --who->refs > 0)
		return;
	free(who->domain);
	free(who);
}

void
ident_set_domain(struct ident *who, const char *domain, const char *realm, const char *logon,
    struct span sids)
{
	struct ident_domain *d = xcalloc(1, sizeof *d + sids.n);

	(void)text_put(d->domain, domain);
	(void)text_put(d->realm, realm);
	(void)text_put(d->logon, logon);
	d->sids_n = sids.n;
	if (sids.n > 0)
		memcpy(d->sids, sids.p, sids.n);
	who->domain = d;
}

bool
ident_has_sid(const struct ident *who, const struct sid *sid)
{
	struct rd r = rd_init(who->domain ? SPAN(who->domain->sids, who->domain->sids_n) : SPAN_NONE);
	struct sid one;

	if (sid_parse(who->sid.s, &one) && sid_eq(&one, sid))
		return true;
	while (rd_left(&r) > 0) {
		rd_sid(&r, &one);
		if (rd_ok(&r) && sid_eq(&one, sid))
			return true;
	}
	return false;
}

bool
ident_has_group(const struct ident *who, uint32_t gid)
{
	if (who->gid == gid)
		return true;
	for (uint16_t i = 0; i < who->groups.n; i++)
		if (who->groups.v[i] == gid)
			return true;
	return false;
}

/* glibc has no wrapper for capset, and libcap would be a dependency for two calls. */
static void
caps_get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };

	if (syscall(SYS_capget, &head, data) != 0)
		fatal("capget failed");
}

static void
caps_set(uint64_t effective)
{
	struct __user_cap_header_struct head  = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	for (unsigned i = 0; i < 2; i++) {
		data[i].permitted = (uint32_t)(permitted >> 32 * i);
		data[i].effective = (uint32_t)(effective >> 32 * i);
	}
	if (syscall(SYS_capset, &head, data) != 0)
		fatal("capset failed");
}

void
creds_init(void)
{
	struct __user_cap_data_struct data[2] = { { 0 } };

	caps_get(data);
	permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	permitted &= CREDS_KEPT | CREDS_HELD;
	switches = (permitted & CREDS_KEPT) == CREDS_KEPT;
	if (switches)
		caps_set(CREDS_KEPT);
}

bool
creds_switches(void)
{
	return switches;
}

static void
fs_uid_set(uint32_t uid)
{
	(void)syscall(SYS_setfsuid, uid);
	/* It reports no failure, only who one was before; asking for -1 changes nothing. */
	if ((uint32_t)syscall(SYS_setfsuid, (uint32_t)-1) != uid)
		fatal("cannot act as uid %u", uid);
	/*
	 * For fsuid 0 the kernel raises every capability over files that is
	 * permitted: even root gets only what root owns.
	 */
	if (uid == 0)
		caps_set(CREDS_KEPT);
}

static void
fs_gid_set(const struct ident *who)
{
	if (syscall(SYS_setgroups, (size_t)who->groups.n, who->groups.v) != 0)
		fatal("cannot take the groups of uid %u", who->uid);
	(void)syscall(SYS_setfsgid, who->gid);
	if ((uint32_t)syscall(SYS_setfsgid, (uint32_t)-1) != who->gid)
		fatal("cannot act as gid %u", who->gid);
}

void
creds_become(const struct ident *who)
{
	if (acting == who->serial)
		return;
	if (switches) {
		fs_gid_set(who);
		fs_uid_set(who->uid);
	}
	acting = who->serial;
}

void
creds_raise(uint64_t caps)
{
	if (switches)
		caps_set(CREDS_KEPT | (caps & CREDS_HELD));
}

void
creds_lower(void)
{
	if (switches)
		caps_set(CREDS_KEPT);
}
