/* cmd_local.c - the shell's commands about the local side: lcd, lpwd, lls, more. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/listing.h"

int
cmd_lpwd(struct cli *c)
{
	char dir[PATH_MAX];

	if (!getcwd(dir, sizeof dir))
		return cli_refused("%s", strerror(errno));
	text_print(c, "directory", dir);
	return EXIT_OK;
}

int
cmd_lcd(struct cli *c)
{
	const char *home = getenv("HOME");
	const char *dir  = c->args.n_operands > 0 ? c->args.operands[0] : home ? home : "/";

	return chdir(dir) == 0 ? EXIT_OK : cli_refused("%s: %s", dir, strerror(errno));
}

/* A child that reads from in (-1: what we read).  -1: errno. */
static pid_t
program_start(const char *const *argv, int in)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid != 0)
		return pid;
	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int
program_end(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_REFUSED;
}

int
cmd_lls(struct cli *c)
{
	const char *argv[CLI_OPERANDS + 4] = { "ls" };
	size_t n                           = 1;
	pid_t pid;

	if (options_has(&c->args, OPT_LONG))
		argv[n++] = "-l";
	argv[n++] = "--";
	for (size_t i = 0; i < c->args.n_operands; i++)
		argv[n++] = c->args.operands[i];
	pid = program_start(argv, -1);
	return pid > 0 ? program_end(pid) : cli_refused("%s", strerror(errno));
}

/* The pager is a child; the file goes down its pipe, control bytes made harmless. */
static int
more_one(struct cli *c, const struct place *p, void *ctx)
{
	const char *pager  = getenv("PAGER");
	const char *argv[] = { "/bin/sh", "-c", pager && pager[0] ? pager : "more", NULL };
	int ends[2], rc;
	pid_t pid;

	(void)ctx;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return cli_refused("%s", strerror(errno));
	pid = program_start(argv, ends[0]);
	(void)close(ends[0]);
	rc = pid > 0 ? cat_to(c, p, ends[1], true) : cli_refused("%s", strerror(errno));
	(void)close(ends[1]);
	if (pid > 0)
		(void)program_end(pid);
	return rc;
}

static int
more_plain(struct cli *c, const struct place *p, void *ctx)
{
	(void)ctx;
	return cat_to(c, p, STDOUT_FILENO, false);
}

int
cmd_more(struct cli *c)
{
	return each_operand(c, isatty(STDOUT_FILENO) ? more_one : more_plain, NULL);
}
