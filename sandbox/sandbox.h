/*
 * sandbox.h - the walls of a process, from tables.
 *
 * Two steps.  sandbox_isolate() while the process has one thread: namespaces,
 * an empty root, ids, capabilities, limits, Landlock.  sandbox_seal() after
 * ZeroMQ has started its threads and before the first foreign byte: the
 * seccomp filter on all threads.  What the kernel lacks is logged by name and
 * missing in sandbox_walls(); with require set a missing filter is fatal.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- system calls ---- */
enum sandbox_verdict { SANDBOX_ALLOW, SANDBOX_DENY };

struct sandbox_rule {
	const char *call;	/* libseccomp name; unknown on this machine: skipped */
	enum sandbox_verdict verdict;
	int err;		/* SANDBOX_DENY: the errno */
	int arg;		/* -1: any arguments; else this one must equal value under mask */
	uint64_t mask, value;
	const char *why;
};

#define ALLOW(name, why)            { #name, SANDBOX_ALLOW, 0, -1, 0, 0, why }
#define DENY(name, error, why)      { #name, SANDBOX_DENY, error, -1, 0, 0, why }
#define ALLOW_IF(name, n, m, v, why) { #name, SANDBOX_ALLOW, 0, n, m, v, why }
/* Refused where the whole argument is not v: the polite companion of one ALLOW_IF. */
#define DENY_UNLESS(name, error, n, v, why) { #name, SANDBOX_DENY, error, n, 0, v, why }

/*
 * Everything not named kills the process.  A role's table comes before the
 * common one, and an unconditional verdict beats all conditional ones about the
 * same call, wherever they stand: DENY(prctl) would also refuse what
 * sandbox_walls() asks, DENY(socket) what ZeroMQ reconnects with.
 */

/* ---- the rest ---- */
struct sandbox_bind {
	const char *from;	/* path outside */
	const char *to;		/* absolute path in the new root: "/links/store" */
	bool write;		/* else read-only, no exec, no dev, no suid either way */
	bool recursive;		/* with the mounts below it (shares) */
	bool exec;		/* keep exec and read the tree (NSS modules); rarely */
};

#define SANDBOX_BINDS 1040	/* a share each (CONF_SHARES_MAX), and the links */

enum sandbox_wall {
	WALL_SECCOMP    = 1u << 0,
	WALL_LANDLOCK   = 1u << 1,
	WALL_NO_NEW_PRIVS = 1u << 2,
	WALL_USER_NS    = 1u << 3,
	WALL_MOUNT_NS   = 1u << 4,
	WALL_NET_NS     = 1u << 5,
	WALL_IPC_NS     = 1u << 6,
	WALL_ROOT       = 1u << 7,	/* empty root by pivot_root */
	WALL_UID        = 1u << 8,	/* a uid of its own */
	WALL_CAPS       = 1u << 9,	/* nothing but keep_caps */
	WALL_NO_DUMP    = 1u << 10,
};

struct sandbox {
	const char *who;
	uid_t uid;		/* (uid_t)-1: keep */
	gid_t gid;
	bool require;		/* fatal without seccomp */
	bool keep_net;		/* the table of processes says "reach" */
	bool keep_groups;	/* fsd sets them per call */
	uint64_t keep_caps;	/* 1ull << CAP_SETUID ...: permitted and effective, as root only */
	uint64_t hold_caps;	/* permitted but not effective: raised around single calls */
	uint64_t files;		/* RLIMIT_NOFILE wanted; 0: 1024 */
	struct sandbox_bind binds[SANDBOX_BINDS];
	size_t n_binds;
	uint32_t walls;		/* out */
};

void sandbox_bind(struct sandbox *, const char *from, const char *to, bool write);
/* True if the process now has the new root, i.e. binds are seen at .to, else at .from. */
bool sandbox_isolate(struct sandbox *);
/*
 * sandbox_isolate() of who meets peers at sockets: of runtime/links the directories of these roles
 * are brought in, at /links/ROLE, the first one to write to if it is ours.  links: where they are
 * from then on.  The binds are gone, with the paths that they borrowed.
 */
#define SANDBOX_LINKS 8
void sandbox_isolate_links(struct sandbox *, const char *runtime, const char *const *roles, size_t n,
    bool ours, char *links, size_t cap);
/* common: the calls that every daemon with libzmq needs are added by itself. */
void sandbox_seal(struct sandbox *, const struct sandbox_rule *, size_t n);
/* The walls that stand, each asked of the kernel (Landlock by a refused open). */
uint32_t sandbox_walls(const struct sandbox *);
const char *sandbox_wall_name(enum sandbox_wall);

#endif
