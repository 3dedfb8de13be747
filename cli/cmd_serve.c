/*
 * cmd_serve.c - becomes the broker, which does the serving.  Options go through
 * as they are; whether they make sense together the broker decides.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/server.h"

#define SERVE_WORDS (2 * CLI_GIVEN + 2 * CLI_OPERANDS + 2)

/* "--listen", from memory that lasts until exec. */
static const char *
option_word(enum cli_option o)
{
	static char words[OPT_MAX][40];

	(void)snprintf(words[o], sizeof words[o], "--%s", option_name(o));
	return words[o];
}

int
cmd_serve(struct cli *c)
{
	const char *args[SERVE_WORDS] = { "serve" };
	size_t n                      = 1;

	if (c->args.n_operands > 0 && !options_has(&c->args, OPT_USER))
		return cli_misused("serve: what is \"%s\"?", c->args.operands[0]);
	for (size_t i = 0; i < c->args.n_given; i++) {
		const struct cli_given *g = &c->args.given[i];

		if (g->option == OPT_JSON)
			continue;
		args[n++] = option_word(g->option);
		if (g->value)
			args[n++] = g->value;
	}
	/* --user NAME...: the names that follow the first */
	for (size_t i = 0; i < c->args.n_operands; i++) {
		args[n++] = option_word(OPT_USER);
		args[n++] = c->args.operands[i];
	}
	return broker_exec(args);
}
