/* cmd_rm.c - files away; with -r directories and all below them, bottom first. */
#include "base/nt.h"
#include "cli/listing.h"
#include "cli/values.h"

static bool
is_missing(nt status)
{
	return nt_is(status, STATUS_OBJECT_NAME_NOT_FOUND) ||
	    nt_is(status, STATUS_OBJECT_PATH_NOT_FOUND);
}

static int
remove_file(struct cli *c, const struct place *p)
{
	json_t *reply   = NULL;
	const char *why = "";
	char text[URL_TEXT];
	int rc = EXIT_OK;
	nt status;

	if (!place_try(c, p, "client.rm", NULL, &reply, &status, &why))
		return cli_refused("%s: %s", place_print(p, text), why);
	if (nt_failed(status) && !(options_has(&c->args, OPT_FORCE) && is_missing(status)))
		rc = place_refused_as(p, reply, status);
	json_decref(reply);
	return rc;
}

/* A link to a directory is removed itself: nothing behind it is ours to remove. */
static int
remove_tree(struct cli *c, const struct place *dir)
{
	json_t *entries = NULL, *entry;
	size_t i;
	int worst;

	if (place_is_deep(dir))
		return cli_refused("more than %d directories deep", PLACE_DEEP);
	worst = listing_read(c, dir, NULL, &entries);
	if (worst != EXIT_OK)
		return worst;
	json_array_foreach(entries, i, entry) {
		struct place p;
		int rc = EXIT_REFUSED;

		if (!place_below(dir, json_str_get(entry, "name"), &p))
			(void)cli_refused("the server lists a name that cannot be one");
		else if (entry_is_tree(entry))
			rc = remove_tree(c, &p);
		else if (entry_is_directory(entry))
			rc = place_do(c, &p, "client.rmdir", NULL);
		else
			rc = remove_file(c, &p);
		worst = rc > worst ? rc : worst;
	}
	json_decref(entries);
	return worst == EXIT_OK ? place_do(c, dir, "client.rmdir", NULL) : worst;
}

/* -r: what it is decides. */
static int
remove_any(struct cli *c, const struct place *p)
{
	json_t *entry = NULL;
	bool tree;

	if (options_has(&c->args, OPT_FORCE) && !place_is_directory(c, p))
		return remove_file(c, p);
	if (place_stat(c, p, &entry) != EXIT_OK)
		return EXIT_REFUSED;
	tree = entry_is_tree(entry);
	if (!tree && entry_is_directory(entry)) {
		json_decref(entry);
		return place_do(c, p, "client.rmdir", NULL);
	}
	json_decref(entry);
	return tree ? remove_tree(c, p) : remove_file(c, p);
}

static int
remove_one(struct cli *c, const struct place *p, void *ctx)
{
	char text[URL_TEXT];

	(void)ctx;
	if (!p->path[0])
		return cli_misused("%s: a whole share is not removed; name what is in it",
		    place_print(p, text));
	return options_has(&c->args, OPT_RECURSIVE) ? remove_any(c, p) : remove_file(c, p);
}

int
cmd_rm(struct cli *c)
{
	return each_operand(c, remove_one, NULL);
}
