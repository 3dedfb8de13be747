/* cmd_mv.c - another name, or another directory of the same share. */
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"

struct move {
	struct place to;
	bool into;	/* to is a directory that is there */
};

/* A name that is taken is the new one, not the one that was to be moved. */
static int
rename_to(struct cli *c, const struct place *p, const struct place *to)
{
	json_t *reply = NULL, *more = json_pack("{s:s, s:b}", "to", to->path, "replace",
	    options_has(&c->args, OPT_FORCE));
	const char *why = "";
	char text[URL_TEXT];
	int rc = EXIT_OK;
	nt status;

	if (!place_try(c, p, "client.mv", more, &reply, &status, &why))
		return cli_refused("%s: %s", place_print(p, text), why);
	if (nt_failed(status))
		rc = place_refused_as(nt_is(status, STATUS_OBJECT_NAME_COLLISION) ? to : p, reply, status);
	json_decref(reply);
	return rc;
}

static int
move_one(struct cli *c, const struct place *p, void *ctx)
{
	const struct move *m = ctx;
	struct place to      = m->to;

	if (to.at != p->at || strcasecmp(to.share, p->share) != 0)
		return cli_misused("mv: only within one share; elsewhere: cp, then rm");
	if (!p->path[0])
		return cli_misused("mv: the root of a share stays where it is");
	if (m->into && !place_below(&m->to, path_leaf(p->path), &to))
		return cli_refused("mv: the name gets too long");
	return rename_to(c, p, &to);
}

int
cmd_mv(struct cli *c)
{
	size_t last   = c->args.n_operands - 1;
	struct move m = { 0 };
	int worst     = place_find(c, c->args.operands[last], WANT_SHARE, &m.to);

	if (worst != EXIT_OK)
		return worst;
	m.into = !m.to.path[0] || place_is_directory(c, &m.to);
	if (!m.into && last > 1)
		return cli_misused("mv: several things go only into a directory");
	for (size_t i = 0; i < last; i++) {
		int rc = place_each(c, c->args.operands[i], move_one, &m);

		worst = rc > worst ? rc : worst;
	}
	return worst;
}
