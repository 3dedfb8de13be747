/*
 * isolate.c - the order of the walls while the process has one thread, and the
 * small ones among them: limits, core dumps, umask, no_new_privs.
 *
 * Not for: system calls (seccomp.c), which come after ZeroMQ has its threads.
 */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/nt.h"
#include "sandbox/parts.h"

#define FILES_DEFAULT 1024u

void
sandbox_bind(struct sandbox *s, const char *from, const char *to, bool write)
{
	if (s->n_binds == NELEM(s->binds))
		fatal("more than %zu binds who=%s", NELEM(s->binds), s->who);
	s->binds[s->n_binds++] = (struct sandbox_bind){ .from = from, .to = to, .write = write };
}

/* Soft and hard, never above the hard limit of today. */
static void
limit_set(__rlimit_resource_t what, rlim_t want)
{
	struct rlimit now;

	if (getrlimit(what, &now) != 0)
		fatal("getrlimit what=%d: %s", (int)what, strerror(errno));
	if (now.rlim_max != RLIM_INFINITY && want > now.rlim_max)
		want = now.rlim_max;
	now.rlim_cur = now.rlim_max = want;
	if (setrlimit(what, &now) != 0)
		fatal("setrlimit what=%d: %s", (int)what, strerror(errno));
}

static void
limits_set(const struct sandbox *s)
{
	limit_set(RLIMIT_CORE, 0);
	limit_set(RLIMIT_NOFILE, s->files ? s->files : FILES_DEFAULT);
}

/*
 * The kernel counts by uid over the whole machine, and compares when somebody is born: a number large
 * enough for us would be used up by other instances with the same `worker uids`.  So there is no
 * limit until all threads are there, and then nobody at all.
 */
void
limits_seal(void)
{
	if (!SANDBOX_SANITIZE) /* LSan starts a thread at the end */
		limit_set(RLIMIT_NPROC, 0);
}

/* A change of uid makes the process dumpable again or not by a sysctl: so this comes after it. */
static void
self_close(struct sandbox *s)
{
	if (prctl(PR_SET_DUMPABLE, SANDBOX_SANITIZE, 0, 0, 0) != 0)
		fatal("PR_SET_DUMPABLE: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fatal("PR_SET_NO_NEW_PRIVS: %s", strerror(errno));
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		s->walls |= WALL_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		s->walls |= WALL_NO_DUMP;
}

/* LeakSanitizer stops the threads by ptrace and reads /proc/self/{maps,task}. */
static void
sanitizer_binds(struct sandbox *s)
{
	if (!SANDBOX_SANITIZE)
		return;
	sandbox_bind(s, "/proc", "/proc", false);
	s->binds[s->n_binds - 1].recursive = true;
}

bool
sandbox_isolate(struct sandbox *s)
{
	bool rooted;

	s->walls = 0;
	sanitizer_binds(s);
	(void)umask(0); /* directories of the new root get the modes that root.c says */
	limits_set(s);
	spaces_enter(s);
	rooted = (s->walls & WALL_MOUNT_NS) && root_build(s);
	ids_drop(s);
	self_close(s);
	landlock_enter(s, rooted);
	(void)umask(077);
	walls_log_missing(s);
	return rooted;
}
