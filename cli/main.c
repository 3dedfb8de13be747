/*
 * main.c - the bulkhead command: find the row of the table, bring up what it
 * needs, run it.  Holds nothing and trusts its caller; all privilege is elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/client.h"
#include "cli/dispatch.h"
#include "cli/server.h"

static int
run(struct cli *c)
{
	struct server server = { 0 };
	int rc               = server_reach(&server, c);

	if (rc == EXIT_OK) {
		c->api     = server.api;
		c->runtime = server.runtime;
		c->alone   = server.child.pid != 0;
		c->client  = c->cmd->needs == NEEDS_CLIENT ? client_new() : NULL;
		rc         = c->cmd->run(c);
		json_settle(c);
		client_drop(c, c->client);
	}
	server_leave(&server);
	return rc;
}

/* Who was started without one of 0, 1, 2 must not find a socket or a file under its number. */
static void
keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

/* What could not be written was not done. */
static int
finish(int rc)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	return cli_refused("the output could not be written: %s",
	    strerror(errno ? errno : EIO));
}

int
main(int argc, char **argv)
{
	struct cli c = { 0 };
	int rc;

	keep_standard_files();
	(void)setlocale(LC_CTYPE, "C.UTF-8");	/* names are UTF-8 whatever the terminal's idea */
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		argv[1] += strlen("--");		/* as people ask everywhere */
	rc       = dispatch(&c, argc, argv);
	c.config = options_value(&c.args, OPT_CONFIG);
	c.json   = options_has(&c.args, OPT_JSON);
	return finish(rc == EXIT_OK && c.cmd ? run(&c) : rc);
}
