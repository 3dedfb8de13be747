/* child.c - start a program, hear its lines, end it. */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Who started it may have died before it could ask to hear of that: then nobody would end it. */
static void
child_become(pid_t parent, int out, int err, char *const *argv)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(CHILD_NO_EXEC);
	(void)setsid();		/* Ctrl-C is for us; we may still need it to end in order */
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
		(void)execv(argv[0], argv);
	_exit(CHILD_NO_EXEC);
}

bool
child_start(struct child *ret, char *const *argv)
{
	pid_t parent = getpid();
	int out[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		return false;
	ret->err = memfd_create("stderr", MFD_CLOEXEC);
	ret->out = out[0];
	ret->pid = fork();
	if (ret->pid == 0)
		child_become(parent, out[1], ret->err, argv);
	(void)close(out[1]);
	return ret->pid > 0;
}

static long
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One byte before the deadline. */
static bool
read_byte(int fd, long until, char *ret)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long left       = until - now_ms();

	return left > 0 && poll(&p, 1, (int)left) == 1 && read(fd, ret, 1) == 1;
}

bool
child_line(struct child *c, int ms, char *buf, size_t n)
{
	long until = now_ms() + ms;
	size_t at  = 0;
	char byte;

	while (read_byte(c->out, until, &byte)) {
		if (byte == '\n') {
			buf[at] = '\0';
			return true;
		}
		if (at + 1 < n)
			buf[at++] = byte;
	}
	return false;
}

int
child_end(struct child *c, bool term)
{
	int status = 0;

	if (term)
		(void)kill(c->pid, SIGTERM);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)close(c->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
child_tell(const struct child *c)
{
	char buf[4096];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(c->err, buf, sizeof buf, at)) > 0) {
		at += n;
		if (write(STDERR_FILENO, buf, (size_t)n) != n)
			break;
	}
}
