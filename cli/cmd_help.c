/* cmd_help.c - the commands of this version, or one of them in full. */
#include <stdio.h>
#include <string.h>

#include "base/nt.h"
#include "cli/client.h"

/* All rows whose name starts with the word given (NULL: any); 0 if there is none. */
static size_t
help_family(const char *word, bool in_shell)
{
	size_t n = 0;

	for (size_t i = 0; i < cli_n_commands; i++) {
		const struct cli_cmd *c = &cli_commands[i];

		if (!c->help || (in_shell ? !cmd_in_shell(c) : c->needs == NEEDS_SHELL) ||
		    (word && (strncmp(c->name, word, strlen(word)) != 0 ||
				c->name[strlen(word)] != ' ')))
			continue;
		printf("  %s%s%-*s %s\n", c->name, c->operands[0] ? " " : "",
		    (int)(40 - strlen(c->name) - (c->operands[0] != '\0')), c->operands, c->help);
		n++;
	}
	return n;
}

static int
help_in_shell(void)
{
	(void)help_family(NULL, true);
	printf("\nWhere URL stands, a path of the share does as well.  ! runs a local command, ';'\n"
	       "stands between commands, quotes or a backslash keep blanks together.\n");
	return EXIT_OK;
}

static int
help_all(void)
{
	printf("usage: bulkhead [-c FILE] [--json] COMMAND [OPERAND...]\n\n");
	(void)help_family(NULL, false);
	printf("\nOptions may stand before or after operands; `bulkhead COMMAND --help` lists them.\n"
	       "Passwords: --password-stdin, --password-file, BULKHEAD_PASSWORD or a prompt.\n"
	       "Exit codes: 0 done, 1 refused or failed, 2 not understood.\n");
	return EXIT_OK;
}

int
cmd_help(struct cli *c)
{
	const struct cli_cmd *cmd;
	bool in_shell = c->client && c->client->in_shell;
	size_t words;

	if (c->args.n_operands == 0)
		return in_shell ? help_in_shell() : help_all();
	cmd = cmd_find(&c->args, &words);
	if (!cmd && help_family(c->args.operands[0], in_shell) > 0)
		return EXIT_OK;
	if (!cmd)
		return cli_misused("no command \"%s\"", c->args.operands[0]);
	cmd_usage(cmd);
	return EXIT_OK;
}
