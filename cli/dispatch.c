/* dispatch.c - from words to the row of the table that they mean. */
#include "cli/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"

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
	opt_mask foreign = options_mask(&c->args) & ~cmd_options(c->cmd);

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

bool
cmd_in_shell(const struct cli_cmd *cmd)
{
	if (cmd->needs == NEEDS_CLIENT)
		return cmd->run != cmd_shell && !strchr(cmd->name, ' ');
	return cmd->needs == NEEDS_SHELL || cmd->run == cmd_help || cmd->run == cmd_version;
}

static int
check_where(const struct cli *c)
{
	bool in_shell = c->client && c->client->in_shell;

	if (in_shell && !cmd_in_shell(c->cmd))
		return cli_misused("%s: not in the shell", c->cmd->name);
	if (!in_shell && c->cmd->needs == NEEDS_SHELL)
		return cli_misused("%s: only in the shell", c->cmd->name);
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
		return cli_misused("unknown command \"%s\"; see: %shelp", c->args.operands[0],
		    c->client && c->client->in_shell ? "" : "bulkhead ");
	return EXIT_OK;
}

/* The command is known now, and with it which option a letter stands for. */
static bool
parse_again(struct cli *c, int argc, char *const *argv, char *why, size_t n)
{
	size_t words = 0;

	if (!options_parse(&c->args, c->cmd->options, argc, argv, why, n))
		return false;
	if (cmd_find(&c->args, &words) == c->cmd)
		shift_words(&c->args, words);
	return true;
}

int
dispatch(struct cli *c, int argc, char *const *argv)
{
	char why[256];
	int rc;

	c->cmd = NULL;
	if (!options_parse(&c->args, OPT_ANY, argc, argv, why, sizeof why))
		return cli_misused("%s", why);
	rc = choose(c);
	if (rc != EXIT_OK || !c->cmd)
		return rc;
	if (!parse_again(c, argc, argv, why, sizeof why))
		return cli_misused("%s", why);
	if (options_has(&c->args, OPT_HELP)) {
		cmd_usage(c->cmd);
		c->cmd = NULL;
		return EXIT_OK;
	}
	rc = check_where(c);
	return rc == EXIT_OK ? check_fit(c) : rc;
}
