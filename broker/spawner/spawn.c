/*
 * spawn.c - fork and exec: an empty environment, no descriptor but those meant,
 * a process group of its own (the terminal's ^C is for the spawner alone).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/spawner/spawner.h"
#include "ipc/fdpass.h"

#define ARGS_MAX    48
#define FDS_MAX	    (BIRTH_LISTENERS + 4)
#define FD_FIRST    3
#define FD_HIGH	    64 /* out of the way while they are put in place */
#define EXEC_FAILED 127

/* ---- in the child, between fork and exec ---- */

static void
fds_place(const int *fds, size_t n)
{
	int high[FDS_MAX];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < n; i++)
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_HIGH);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO); /* "ready" is ours to say */
	for (size_t i = 0; i < n; i++)
		(void)dup2(high[i], FD_FIRST + (int)i);
	(void)close_range((unsigned)(FD_FIRST + n), ~0u, 0);
}

static void
signals_reset(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
child_exec(pid_t parent, const char *path, char *const *argv, const int *fds, size_t n_fds)
{
#ifdef BH_SANITIZE
	/* The leak checker stops threads by ptrace, which the walls refuse. */
	static char asan[]  = "ASAN_OPTIONS=detect_leaks=0:abort_on_error=1";
	char *environment[] = { asan, NULL };
#else
	char *environment[] = { NULL };
#endif

	log_channel(-1);
	(void)setpgid(0, 0);
	/* Cleared when the child changes its uid; from then on the channel's end tells it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXEC_FAILED);
	signals_reset();
	fds_place(fds, n_fds);
	execve(path, argv, environment);
	log_error("cannot start program=%s: %s", log_qs(path), strerror(errno));
	_exit(EXEC_FAILED);
}

pid_t
spawn_program(const char *home, const char *program, char *const *argv, const int *fds,
	      size_t n_fds)
{
	char path[PATH_MAX];
	pid_t parent = getpid();
	pid_t pid;

	ENSURE(n_fds <= FDS_MAX);
	if ((size_t)snprintf(path, sizeof path, "%s/%s", home, program) >= sizeof path)
		return -1;
	pid = fork();
	if (pid == 0)
		child_exec(parent, path, argv, fds, n_fds);
	if (pid < 0)
		log_error("fork: %s", strerror(errno));
	return pid;
}

/* ---- arguments ---- */

struct args {
	char *v[ARGS_MAX + 1];
	size_t n;
};

static __attribute__((format(printf, 2, 3))) void
arg_add(struct args *a, const char *fmt, ...)
{
	va_list ap;

	ENSURE(a->n < ARGS_MAX);
	va_start(ap, fmt);
	ENSURE(vasprintf(&a->v[a->n], fmt, ap) >= 0);
	va_end(ap);
	a->v[++a->n] = NULL;
}

static void
args_free(struct args *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
}

/* What birth_begin() reads. */
static void
args_make(const struct spawner *sp, const struct child *c, size_t n_listeners, struct args *a)
{
	const struct tree_row *row = &tree[c->row];
	const char *role	   = peer_role_name(row->role);

	arg_add(a, "%s", row->program);
	arg_add(a, "%s", role);
	arg_add(a, "--channel");
	arg_add(a, "%d", FD_FIRST);
	arg_add(a, "--self");
	arg_add(a, "%llu", (unsigned long long)c->peer);
	arg_add(a, "--runtime");
	arg_add(a, "%s", sp->inst.runtime);
	if (c->uid != (uid_t)-1) {
		arg_add(a, "--uid");
		arg_add(a, "%u", (unsigned)c->uid);
		arg_add(a, "--gid");
		arg_add(a, "%u", (unsigned)c->gid);
	}
	/* A client's instance keeps nothing. */
	if (row->flags & TREE_STATE && sp->kind != KIND_CLIENT) {
		arg_add(a, "--state");
		arg_add(a, "%s/%s", sp->inst.state, role);
	}
	for (size_t i = 0; i < n_listeners; i++) {
		arg_add(a, "--listener");
		arg_add(a, "%d", FD_FIRST + 1 + (int)i);
	}
	if (sp->inst.require_sandbox)
		arg_add(a, "--require-sandbox");
	if (c->row == ROW_DIRECTORY) {
		arg_add(a, "--restarts");
		arg_add(a, "%u", sp->seats[c->row].restarts);
		arg_add(a, "--kind");
		arg_add(a, "%s", tree_kind_name(sp->kind));
	}
}

/* The channel, then the listeners of the row. */
static size_t
fds_collect(const struct spawner *sp, enum tree_row_no row, int channel, int fds[FDS_MAX])
{
	size_t n = 0;

	fds[n++] = channel;
	if (tree[row].flags & TREE_DOOR) {
		fds[n++] = sp->door;
		fds[n++] = sp->pass;
		for (size_t i = 0; i < sp->n_remote; i++)
			fds[n++] = sp->remote[i];
	}
	for (size_t i = 0; tree[row].flags & TREE_STORAGES && i < sp->n_bridges; i++)
		fds[n++] = sp->bridges[i];
	if (row == ROW_FSD && sp->afar > 0)
		fds[n++] = sp->afar;
	if (tree[row].flags & TREE_LISTENERS) {
		for (size_t i = 0; i < sp->n_listeners; i++)
			fds[n++] = sp->listeners[i];
	}
	return n;
}

static bool
child_start(struct spawner *sp, struct child *c, int channel)
{
	struct args a = { .n = 0 };
	int fds[FDS_MAX];
	size_t n = fds_collect(sp, c->row, channel, fds);

	args_make(sp, c, n - 1, &a);
	c->pid = spawn_program(sp->home, tree[c->row].program, a.v, fds, n);
	args_free(&a);
	return c->pid > 0;
}

struct child *
spawn(struct spawner *sp, enum tree_row_no row, uint64_t tag, uint32_t index, const char *name)
{
	struct child *c = xcalloc(1, sizeof *c);
	int pair[2];
	bool started;

	*c     = (struct child){ .row	  = row,
				 .peer	  = ++sp->next_peer,
				 .tag	  = tag,
				 .index	  = index,
				 .uid	  = place_uid(&sp->inst, row, index),
				 .started = clock_real_ns(),
				 .born	  = clock_mono_ns() };
	c->gid = (gid_t)c->uid;
	(void)snprintf(c->name, sizeof c->name, "%s", name);
	if (nt_failed(fdpass_pair(pair))) {
		free(c);
		return NULL;
	}
	c->channel = pair[1];
	started	   = child_start(sp, c, pair[0]);
	close(pair[0]);
	if (!started) {
		close(pair[1]);
		free(c);
		return NULL;
	}
	c->next	     = sp->children;
	sp->children = c;
	return c;
}
