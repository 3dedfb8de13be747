/*
 * main.c - the bulkhead command: find the row of the table, bring up what it
 * needs, run it.  Holds nothing and trusts its caller; all privilege is elsewhere.
 */
#include <locale.h>
#include <stdio.h>

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
		client_drop(c, c->client);
	}
	server_leave(&server);
	return rc;
}

int
main(int argc, char **argv)
{
	struct cli c = { 0 };
	int rc;

	(void)setlocale(LC_CTYPE, "C.UTF-8");	/* names are UTF-8 whatever the terminal's idea */
	rc       = dispatch(&c, argc, argv);
	c.config = options_value(&c.args, OPT_CONFIG);
	c.json   = options_has(&c.args, OPT_JSON);
	return rc == EXIT_OK && c.cmd ? run(&c) : rc;
}
