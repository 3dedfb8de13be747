/*
 * cmd_user_import.c - accounts from Samba's `pdbedit -L -w`.  Each line stands
 * for itself: one refused account does not keep the others out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/pdbedit.h"

struct tally {
	unsigned added, skipped, failed;
};

static void
skip(struct tally *t, const char *name, const char *why)
{
	(void)fprintf(stderr, "bulkhead: %s: skipped, %s\n", name, why);
	t->skipped++;
}

static void
add(struct cli *c, struct tally *t, const struct pdbedit_entry *e)
{
	json_t *request = json_pack("{s:s, s:s}", "name", e->name, "kind", "nt_hash");
	json_t *reply   = NULL;

	if (ask(c, e->name, "user.add", request, SPAN_STR(e->nt_hash), &reply) == EXIT_OK)
		t->added++;
	else
		t->failed++;
	json_decref(reply);
}

static void
import_line(struct cli *c, struct tally *t, const char *line, unsigned number)
{
	struct pdbedit_entry e;

	switch (pdbedit_parse(line, &e)) {
	case PDBEDIT_NOTHING:
		break;
	case PDBEDIT_MALFORMED:
		(void)cli_refused("line %u is not one that `pdbedit -L -w` prints", number);
		t->failed++;
		break;
	case PDBEDIT_MACHINE:
		skip(t, e.name, "a machine's account");
		break;
	case PDBEDIT_DISABLED:
		skip(t, e.name, "disabled or without a password");
		break;
	case PDBEDIT_ACCOUNT:
		add(c, t, &e);
		break;
	}
	secret_wipe(&e, sizeof e);
}

static void
import_all(struct cli *c, struct tally *t, FILE *f)
{
	char *line      = NULL;
	size_t size     = 0;
	unsigned number = 0;

	while (getline(&line, &size, f) >= 0)
		import_line(c, t, line, ++number);
	if (line)
		secret_wipe(line, size);
	free(line);
}

int
cmd_user_import(struct cli *c)
{
	const char *path = c->args.n_operands > 0 ? c->args.operands[0] : "-";
	struct tally t   = { 0 };
	FILE *f          = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!f)
		return cli_refused("%s: %s", path, strerror(errno));
	import_all(c, &t, f);
	if (f != stdin)
		(void)fclose(f);
	if (c->json)
		printf("{\"added\": %u, \"skipped\": %u, \"failed\": %u}\n", t.added, t.skipped,
		    t.failed);
	else
		printf("%u added, %u skipped, %u failed\n", t.added, t.skipped, t.failed);
	return t.failed == 0 ? EXIT_OK : EXIT_REFUSED;
}
