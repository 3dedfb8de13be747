/*
 * cmd_serve.c - becomes the broker, which does the serving.  Options go through
 * as they are; whether they make sense together the broker decides.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/server.h"

int
cmd_serve(struct cli *c)
{
	static char words[CLI_GIVEN][40];
	const char *args[2 * CLI_GIVEN + 2] = { "serve" };
	size_t n                            = 1;

	for (size_t i = 0; i < c->args.n_given; i++) {
		const struct cli_given *g = &c->args.given[i];

		if (g->option == OPT_CONFIG)
			args[n++] = "-c";
		else if (g->option != OPT_JSON) {
			(void)snprintf(words[i], sizeof words[i], "--%s", option_name(g->option));
			args[n++] = words[i];
		}
		if (g->value)
			args[n++] = g->value;
	}
	return broker_exec(args);
}
