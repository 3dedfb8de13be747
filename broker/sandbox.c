/*
 * sandbox.c - what each role of the broker may ask of the kernel, and why.
 *
 * The spawner cannot have a filter of allowed calls, since its children inherit
 * it and have to build their own walls; it refuses what nobody here needs.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/nt.h"
#include "broker/broker.h"
#include "ipc/birth.h"

#define UID_NOBODY 65534u

#ifdef BH_SANITIZE
#define CHECKED 1 /* the leak checker, at the spawner's end, needs ptrace and a readable /proc */
#else
#define CHECKED 0
#endif

/* ---- config: reads one descriptor, writes two ---- */

static const struct sandbox_rule config_rules[] = {
	DENY(openat, EACCES, "it has its descriptors; there is nothing to open"),
};

void
config_confine(bool root)
{
	/* Not required: whether walls are is what it is about to read. */
	struct sandbox s = { .who = "config",
			     .uid = root ? UID_NOBODY : (uid_t)-1,
			     .gid = root ? UID_NOBODY : (gid_t)-1 };

	sandbox_isolate(&s);
	sandbox_seal(&s, config_rules, NELEM(config_rules));
}

/* ---- directory: channels and descriptors for others; no path at all ---- */

static const struct sandbox_rule directory_rules[] = {
	ALLOW(socketpair, "a channel between gate and worker"),
	ALLOW(memfd_create, "arenas, and parts of the configuration"),
	ALLOW(ftruncate, "the size of an arena"),
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_ADD_SEALS,
		 "arenas and parts are sealed before they go out"),
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_DUPFD_CLOEXEC, "descriptors waiting for a full channel"),
	ALLOW(dup, "the same"),
	ALLOW(pread64, "the problems that the configuration child found"),
	ALLOW(lseek, "their length"),
	DENY(openat, EACCES, "time zone data; times are printed in UTC"),
};

static void
sandbox_of(struct sandbox *s, const char *who, const struct birth *b)
{
	*s = (struct sandbox){
		.who = who, .uid = b->uid, .gid = b->gid, .require = b->require_sandbox
	};
}

void
directory_isolate(struct sandbox *s, const struct birth *b)
{
	sandbox_of(s, "directory", b);
	s->files = 16384; /* a channel for each process, two ends of what it introduces */
	sandbox_isolate(s);
}

void
directory_seal(struct sandbox *s)
{
	sandbox_seal(s, directory_rules, NELEM(directory_rules));
}

/* ---- api: scripts on one side, store and fsd on the other ---- */

static const struct sandbox_rule api_rules[] = {
	ALLOW(listen, "libzmq takes over the inherited scripting socket"),
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_DUPFD_CLOEXEC, "descriptors waiting for a full channel"),
	ALLOW(dup, "the same"),
	ALLOW(pidfd_open, "is the script still there that waits for us"),
	ALLOW_IF(shutdown, 1, 0xffffffffu, SHUT_RDWR, "a stranger's connection, where there are too many"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap"),
	ALLOW(munlock, "and lets go of them"),
	ALLOW(fdatasync, "a key that was authorised or revoked stays so"),
	ALLOW(ftruncate, "a line of that list that could not be written whole"),
	DENY(openat, EACCES, "there is nothing to open"),
};

bool
api_isolate(struct sandbox *s, const struct birth *b)
{
	static const char *const roles[] = { "api", "store", "fsd", "krb", "net", "cred", "bridge",
					     "relay" };
	static char from[NELEM(roles)][PATH_BOUND + 16], to[NELEM(roles)][NAME_BOUND];

	sandbox_of(s, "api", b);
	s->files = 4096; /* scripts' connections, descriptors they hand in */
	for (size_t i = 0; i < NELEM(roles); i++) {
		(void)snprintf(from[i], sizeof from[i], "%s/links/%s", b->runtime, roles[i]);
		(void)snprintf(to[i], sizeof to[i], "/links/%s", roles[i]);
		sandbox_bind(s, from[i], to[i], i == 0);
	}
	return sandbox_isolate(s);
}

void
api_seal(struct sandbox *s)
{
	sandbox_seal(s, api_rules, NELEM(api_rules));
}

/* ---- spawner: what is left of root ---- */

static const struct {
	int cap;
	const char *why;
} spawner_caps[] = {
	{ CAP_SYS_ADMIN, "children make their namespaces and roots" },
	{ CAP_SYS_CHROOT, "the same" },
	{ CAP_SETUID, "children take their uids; fsd acts as users" },
	{ CAP_SETGID, "the same" },
	{ CAP_SETPCAP, "children drop their bounding sets" },
	{ CAP_KILL, "children that do not end" },
	{ CAP_SYS_PTRACE, "which namespaces a child is in" },
	{ CAP_CHOWN, "fsd: new files belong to their user" },
	{ CAP_DAC_OVERRIDE, "fsd: our own attributes on a user's file" },
	{ CAP_DAC_READ_SEARCH, "fsd: share roots below closed directories" },
	{ CAP_FOWNER, "fsd: explicit times" },
	{ CAP_FSETID, "fsd: keeps set-group-id directories" },
	{ CAP_NET_ADMIN, "channels larger than others may have" },
	{ CAP_SYS_RESOURCE, "more descriptors than others may have" },
};

/* Calls that no process of ours has a use for; they fail with EPERM everywhere below us. */
static const struct {
	const char *call, *why;
} spawner_refused[] = {
	{ "ptrace", "nobody looks into another" },
	{ "process_vm_readv", "the same" },
	{ "process_vm_writev", "the same" },
	{ "kcmp", "the same" },
	{ "init_module", "the kernel stays as it is" },
	{ "finit_module", "the same" },
	{ "delete_module", "the same" },
	{ "kexec_load", "the same" },
	{ "kexec_file_load", "the same" },
	{ "bpf", "the same" },
	{ "perf_event_open", "a way in, not a service" },
	{ "userfaultfd", "the same" },
	{ "add_key", "the same" },
	{ "request_key", "the same" },
	{ "keyctl", "the same" },
	{ "open_by_handle_at", "leads around every root" },
	{ "swapon", "the machine is not ours" },
	{ "swapoff", "the same" },
	{ "reboot", "the same" },
	{ "settimeofday", "the same" },
	{ "clock_settime", "the same" },
	{ "adjtimex", "the same" },
	{ "sethostname", "the same" },
	{ "setdomainname", "the same" },
	{ "mknod", "no devices" },
	{ "mknodat", "the same" },
	{ "quotactl", "the machine is not ours" },
	{ "acct", "the same" },
};

static bool
cap_kept(int cap)
{
	for (size_t i = 0; i < NELEM(spawner_caps); i++) {
		if (spawner_caps[i].cap == cap)
			return true;
	}
	return false;
}

/* capset(2) by hand: three words and no library's opinion. */
static void
caps_limit(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) != 0)
		fatal("capget: %s", strerror(errno));
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		uint32_t bit = 1u << (cap % 32);

		if (cap_kept(cap))
			continue;
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
		d[cap / 32].effective &= ~bit;
		d[cap / 32].permitted &= ~bit;
		d[cap / 32].inheritable &= ~bit;
	}
	if (syscall(SYS_capset, &h, d) != 0)
		fatal("capset: %s", strerror(errno));
}

static void
calls_refuse(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx)
		fatal("seccomp_init failed");
	for (size_t i = 0; i < NELEM(spawner_refused); i++) {
		int call = seccomp_syscall_resolve_name(spawner_refused[i].call);

		if (call != __NR_SCMP_ERROR &&
		    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), call, 0) != 0)
			fatal("seccomp rule call=%s", spawner_refused[i].call);
	}
	if (seccomp_load(ctx) != 0)
		log_warn("the spawner runs without a filter: %s", strerror(errno));
	seccomp_release(ctx);
}

/* One end of every child's channel is here; the children set limits of their own. */
static void
limits_set(void)
{
	struct rlimit none = { 0, 0 }, files;

	(void)setrlimit(RLIMIT_CORE, &none);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

void
spawner_confine(void)
{
	limits_set();
	if (geteuid() == 0)
		caps_limit();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fatal("PR_SET_NO_NEW_PRIVS: %s", strerror(errno));
	if (CHECKED)
		return;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	calls_refuse();
}
