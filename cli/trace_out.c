/* trace_out.c - see trace_out.h. */
#include "cli/trace_out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD_MAX 1024u

static void
printer_become(struct cli *c, int from)
{
	char *argv[] = { (char *)(uintptr_t)"bulkhead", (char *)(uintptr_t)"dissect",
		(char *)(uintptr_t)"-", NULL, NULL };

	if (c->json)
		argv[3] = (char *)(uintptr_t)"--json";
	else if (options_has(&c->args, OPT_TREE))
		argv[3] = (char *)(uintptr_t)"--tree";
	(void)signal(SIGINT, SIG_IGN);	/* it ends when its pipe does */
	if (dup2(from, STDIN_FILENO) >= 0)
		(void)execv("/proc/self/exe", argv);
	_exit(127);
}

static int
printer_start(struct trace *t)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return cli_refused("%s", strerror(errno));
	t->printer = fork();
	if (t->printer == 0)
		printer_become(t->cli, ends[0]);
	(void)close(ends[0]);
	t->pipe = ends[1];
	if (t->printer < 0 || !live_begin(t->pipe))
		return cli_refused("the process that prints could not be started");
	return EXIT_OK;
}

static int
capture_open(struct trace *t, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO)
					: open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	t->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!t->file)
		return cli_refused("%s: %s", path, strerror(errno));
	t->capture = capture_new(t->file);
	return EXIT_OK;
}

int
trace_output_open(struct trace *t)
{
	const char *path = options_value(&t->cli->args, OPT_PCAP);

	(void)signal(SIGPIPE, SIG_IGN);
	return path ? capture_open(t, path) : printer_start(t);
}

static void
packet_out(struct trace *t, const struct traced *p)
{
	t->count++;
	t->lost += p->lost;
	if (t->capture) {
		capture_put(t->capture, p);
		t->broken = fflush(t->file) != 0 || ferror(t->file);
	} else {
		t->broken = !live_put(t->pipe, p);
	}
}

bool
trace_is_over(const struct trace *t)
{
	return t->broken || (t->most > 0 && t->count >= t->most);
}

void
trace_packets_out(struct trace *t, uint64_t before)
{
	struct traced *p;

	while (!trace_is_over(t) &&
	       (p = traced_take(&t->held, t->held.n > HELD_MAX ? UINT64_MAX : before))) {
		packet_out(t, p);
		free(p);
	}
}

int
trace_output_close(struct trace *t)
{
	struct traced *p;
	int status = 0;
	int rc	   = EXIT_OK;

	trace_packets_out(t, UINT64_MAX);
	while ((p = traced_take(&t->held, UINT64_MAX)))
		free(p);
	capture_drop(t->capture);
	if (t->file && (fclose(t->file) != 0 || t->broken))
		rc = cli_refused("the capture cannot be written");
	if (t->printer > 0) {
		(void)close(t->pipe);
		while (waitpid(t->printer, &status, 0) < 0 && errno == EINTR)
			continue;
		rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
			rc = cli_refused("the process that prints died");
	}
	return rc;
}
