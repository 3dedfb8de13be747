/*
 * walls.c - which walls stand.  Those that the kernel still answers for after
 * the seal are asked again each time; the others were confirmed when they were
 * built and cannot be taken down by the process.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/seccomp.h>

#include "base/log.h"
#include "base/nt.h"
#include "sandbox/parts.h"

static const struct {
	enum sandbox_wall wall;
	const char *name;
} names[] = {
	{ WALL_SECCOMP, "seccomp" },
	{ WALL_LANDLOCK, "landlock" },
	{ WALL_NO_NEW_PRIVS, "no_new_privs" },
	{ WALL_USER_NS, "user_ns" },
	{ WALL_MOUNT_NS, "mount_ns" },
	{ WALL_NET_NS, "net_ns" },
	{ WALL_IPC_NS, "ipc_ns" },
	{ WALL_ROOT, "root" },
	{ WALL_UID, "uid" },
	{ WALL_CAPS, "caps" },
	{ WALL_NO_DUMP, "no_dump" },
};

const char *
sandbox_wall_name(enum sandbox_wall wall)
{
	for (size_t i = 0; i < NELEM(names); i++) {
		if (names[i].wall == wall)
			return names[i].name;
	}
	return "unknown";
}

/* Permitted no more than kept and held, effective no more than kept, nothing inheritable. */
static bool
caps_confirmed(const struct sandbox *s)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2]   = { 0 };
	uint64_t permitted, effective;

	if (syscall(SYS_capget, &head, d) != 0)
		return false;
	permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	effective = d[0].effective | (uint64_t)d[1].effective << 32;
	return !(permitted & ~(s->keep_caps | s->hold_caps)) && !(effective & ~s->keep_caps) &&
	       d[0].inheritable == 0 && d[1].inheritable == 0;
}

static bool
uid_confirmed(const struct sandbox *s)
{
	uid_t r, e, v;

	return getresuid(&r, &e, &v) == 0 && r == s->uid && e == s->uid && v == s->uid;
}

uint32_t
sandbox_walls(const struct sandbox *s)
{
	uint32_t walls = s->walls & ~(uint32_t)(WALL_SECCOMP | WALL_NO_NEW_PRIVS | WALL_CAPS |
						WALL_NO_DUMP | WALL_UID);

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER)
		walls |= WALL_SECCOMP;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		walls |= WALL_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		walls |= WALL_NO_DUMP;
	if (caps_confirmed(s))
		walls |= WALL_CAPS;
	if ((s->walls & WALL_UID) && uid_confirmed(s))
		walls |= WALL_UID;
	return walls;
}

/* Root needs no user namespace; who must reach the network keeps it. */
static uint32_t
walls_wanted(const struct sandbox *s, uint32_t walls)
{
	uint32_t wanted =
	    WALL_LANDLOCK | WALL_NO_NEW_PRIVS | WALL_MOUNT_NS | WALL_IPC_NS | WALL_ROOT | WALL_CAPS;

	if (!s->keep_net)
		wanted |= WALL_NET_NS;
	if (!SANDBOX_SANITIZE)
		wanted |= WALL_NO_DUMP;
	if (s->uid != (uid_t)-1)
		wanted |= WALL_UID;
	return wanted & ~walls;
}

void
walls_log_missing(const struct sandbox *s)
{
	uint32_t missing = walls_wanted(s, sandbox_walls(s));
	char text[160]   = "";
	size_t n         = 0;

	if (missing == 0)
		return;
	for (size_t i = 0; i < NELEM(names); i++) {
		if (missing & names[i].wall)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? "," : "",
					      names[i].name);
	}
	log_warn("sandbox: this kernel does not give us every wall who=%s missing=%s", s->who,
		 text);
}
