/*
 * ids.c - who the process is and what it may: groups, gid, uid, securebits and
 * capability sets.
 *
 * keep_caps end up permitted and effective, hold_caps permitted only (their
 * owner raises them around single calls), nothing inheritable, nothing ambient,
 * the bounding set no larger.  Raw calls: libcap-ng reads /proc, which is gone
 * by now.  capabilities(7)
 */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include "base/fatal.h"
#include "sandbox/parts.h"

/*
 * Uid 0 gives nothing, and no change of (fs)uid moves capabilities: without
 * NO_SETUID_FIXUP a setfsuid(0) would make a held DAC_OVERRIDE effective.
 */
#define SECUREBITS                                                                                 \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                           \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |   \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static void
caps_write(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct head  = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .permitted = (uint32_t)permitted, .effective = (uint32_t)effective },
		{ .permitted = (uint32_t)(permitted >> 32),
		  .effective = (uint32_t)(effective >> 32) },
	};

	if (syscall(SYS_capset, &head, data) != 0)
		fatal("capset: %s", strerror(errno));
}

static uint64_t
caps_permitted(void)
{
	struct __user_cap_header_struct head  = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) != 0)
		fatal("capget: %s", strerror(errno));
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

/* Needs CAP_SETPCAP, which a container may have taken away; the other sets still hold. */
static void
bounds_drop(uint64_t keep)
{
	for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (!(keep >> cap & 1))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static bool
uid_is(uid_t want)
{
	uid_t r, e, v;

	return getresuid(&r, &e, &v) == 0 && r == want && e == want && v == want;
}

/* Privileged only: another uid and gid, and no way back. */
static void
uid_take(const struct sandbox *s)
{
	if (!s->keep_groups && setgroups(0, NULL) != 0)
		fatal("setgroups: %s", strerror(errno));
	if (setresgid(s->gid, s->gid, s->gid) != 0)
		fatal("setresgid gid=%u: %s", s->gid, strerror(errno));
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) != 0 &&
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		fatal("neither securebits nor keepcaps: %s", strerror(errno));
	if (setresuid(s->uid, s->uid, s->uid) != 0)
		fatal("setresuid uid=%u: %s", s->uid, strerror(errno));
	if (!uid_is(s->uid))
		fatal("uid=%u did not stick", s->uid);
}

void
ids_drop(struct sandbox *s)
{
	bool root     = uid_is(0);
	uint64_t keep = root ? s->keep_caps : 0;
	uint64_t hold = root ? s->hold_caps : 0;

	bounds_drop(keep | hold);
	if (s->uid != (uid_t)-1 && !uid_is(s->uid)) {
		uid_take(s);
		s->walls |= WALL_UID;
	}
	/* A container's root may not have them all. */
	keep &= caps_permitted();
	hold &= caps_permitted();
	caps_write(keep | hold, keep);
}
