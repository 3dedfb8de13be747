/*
 * main.c - the bulkhead command: parse, find the row, bring up what it needs,
 * run it.  Holds nothing and trusts its caller; all privilege is elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/server.h"

/* Takes the command's own words off the operands. */
static void
shift_words(struct cli_args *a, size_t words)
{
	a->n_operands -= words;
	memmove(a->operands, a->operands + words, a->n_operands * sizeof a->operands[0]);
}

static int
check_fit(const struct cli *c)
{
	uint64_t foreign = options_mask(&c->args) & ~cmd_options(c->cmd);

	if (!c->cmd->run)
		return cli_misused("%s: not available yet in this version", c->cmd->name);
	for (enum cli_option o = 0; o < OPT_MAX; o++) {
		if (foreign & OPT_MASK(o))
			return cli_misused("%s does not take --%s", c->cmd->name, option_name(o));
	}
	if (c->args.n_operands < c->cmd->min)
		return cli_misused("%s needs %s", c->cmd->name, c->cmd->operands);
	if (c->args.n_operands > c->cmd->max)
		return cli_misused("%s: too many operands, at \"%s\"", c->cmd->name,
		    c->args.operands[c->cmd->max]);
	return EXIT_OK;
}

static int
choose(struct cli *c)
{
	size_t words = 0;

	if (c->args.n_operands == 0) {
		(void)cmd_help(c);
		return options_has(&c->args, OPT_HELP) ? EXIT_OK : EXIT_USAGE;
	}
	c->cmd = cmd_find(&c->args, &words);
	if (!c->cmd && cmd_is_family(c->args.operands[0]))
		return cli_misused("%s what?  See: bulkhead help %s", c->args.operands[0],
		    c->args.operands[0]);
	if (!c->cmd)
		return cli_misused("unknown command \"%s\"; see: bulkhead help",
		    c->args.operands[0]);
	shift_words(&c->args, words);
	return EXIT_OK;
}

/* The command is known now, and with it which option a letter stands for. */
static bool
parse_again(struct cli *c, int argc, char *const *argv, char *why, size_t n)
{
	size_t words = 0;

	if (!options_parse(&c->args, cmd_options(c->cmd), argc, argv, why, n))
		return false;
	if (cmd_find(&c->args, &words) == c->cmd)
		shift_words(&c->args, words);
	return true;
}

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
	char why[256];
	int rc;

	if (!options_parse(&c.args, OPT_ANY, argc, argv, why, sizeof why))
		return cli_misused("%s", why);
	rc = choose(&c);
	if (rc != EXIT_OK || !c.cmd)
		return rc;
	if (!parse_again(&c, argc, argv, why, sizeof why))
		return cli_misused("%s", why);
	c.config = options_value(&c.args, OPT_CONFIG);
	c.json   = options_has(&c.args, OPT_JSON);
	if (options_has(&c.args, OPT_HELP)) {
		cmd_usage(c.cmd);
		return EXIT_OK;
	}
	rc = check_fit(&c);
	return rc == EXIT_OK ? run(&c) : rc;
}
