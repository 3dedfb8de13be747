/* cmd_ls.c - what is in a directory: names, or a line each, or with everything below. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/glob.h"
#include "cli/ls_text.h"
#include "cli/values.h"

struct ls {
	struct cli *c;
	bool details, recursive, colours, headings;
};

/* Where an entry leads, if one may follow.  *ret_rc: worse where it is too deep. */
static bool
below(const struct place *dir, const char *name, struct place *ret, int *ret_rc)
{
	if (!place_below(dir, name, ret))
		return false;
	if (!place_is_deep(ret))
		return true;
	*ret_rc = cli_refused("more than %d directories deep", PLACE_DEEP);
	return false;
}

/* ---- as JSON ---- */

/* *ret: what could be listed, though something below may have been refused; entries in their entry. */
static int
ls_json(const struct ls *l, const struct place *dir, const char *pattern, json_t **ret)
{
	json_t *entry;
	int worst = listing_read(l->c, dir, pattern, ret);
	size_t i;

	if (worst != EXIT_OK)
		return worst;
	listing_order(l->c, *ret);
	if (!l->recursive)
		return EXIT_OK;
	json_array_foreach(*ret, i, entry) {
		json_t *inside = NULL;
		struct place p;

		if (!entry_is_tree(entry) || !below(dir, json_str_get(entry, "name"), &p, &worst))
			continue;
		if (ls_json(l, &p, NULL, &inside) != EXIT_OK)
			worst = EXIT_REFUSED;
		if (inside)
			(void)json_object_set_new(entry, "entries", inside);
	}
	return worst;
}

static int
json_out(const struct place *p, json_t *entries, int rc)
{
	char text[URL_TEXT];
	json_t *out;

	if (!entries)
		return rc;
	out = json_pack("{s:s, s:o}", "url", place_print(p, text), "entries", entries);
	json_print(out);
	json_decref(out);
	return rc;
}

/* ---- as text ---- */

static int
ls_rows(const struct ls *l, const struct place *dir, const char *pattern)
{
	char text[URL_TEXT];
	struct rows rows = { 0 };
	int worst        = rows_read(l->c, dir, pattern, &rows);

	if (worst != EXIT_OK)
		return worst;
	rows_sort(l->c, &rows);
	if (l->headings)
		printf("%s:\n", place_print(dir, text));
	ls_text(&rows, l->details, l->colours);
	for (size_t i = 0; l->recursive && i < rows.n; i++) {
		struct place p;

		if (!row_is_tree(&rows.v[i]) || !below(dir, rows.v[i].name, &p, &worst))
			continue;
		(void)putchar('\n');
		if (ls_rows(l, &p, NULL) != EXIT_OK)
			worst = EXIT_REFUSED;
	}
	rows_free(&rows);
	return worst;
}

/* ---- both ---- */

static int
ls_directory(const struct ls *l, const struct place *dir, const char *pattern)
{
	json_t *entries = NULL;
	int rc;

	if (!l->c->json)
		return ls_rows(l, dir, pattern);
	rc = ls_json(l, dir, pattern, &entries);
	return json_out(dir, entries, rc);
}

/* A file is listed by itself; takes the entry. */
static int
ls_file(const struct ls *l, const struct place *p, json_t *entry)
{
	struct rows rows = { 0 };

	(void)json_object_set_new(entry, "name", json_string(path_leaf(p->path)));
	if (l->c->json)
		return json_out(p, json_pack("[o]", entry), EXIT_OK);
	rows_one(&rows, entry);
	ls_text(&rows, l->details, l->colours);
	rows_free(&rows);
	json_decref(entry);
	return EXIT_OK;
}

static int
ls_place(const struct ls *l, const struct place *p)
{
	json_t *entry = NULL;
	int rc        = p->path[0] ? place_stat(l->c, p, &entry) : EXIT_OK;

	if (rc != EXIT_OK)
		return rc;
	if (entry && !entry_is_directory(entry))
		return ls_file(l, p, entry);
	json_decref(entry);
	return ls_directory(l, p, NULL);
}

static int
ls_operand(const struct ls *l, const char *operand)
{
	char pattern[URL_PATH];
	struct place p;
	int rc = place_find(l->c, operand, WANT_SERVER, &p);

	if (rc != EXIT_OK)
		return rc;
	if (!p.share[0])
		return shares_print(l->c, &p);
	if (!glob_is(path_leaf(p.path)))
		return ls_place(l, &p);
	(void)snprintf(pattern, sizeof pattern, "%s", path_leaf(p.path));
	path_up(p.path);
	return ls_directory(l, &p, pattern);
}

int
cmd_ls(struct cli *c)
{
	size_t n           = c->args.n_operands > 0 ? c->args.n_operands : 1;
	const struct ls l  = {
		.c         = c,
		.details   = options_has(&c->args, OPT_LONG),
		.recursive = options_has(&c->args, OPT_RECURSIVE),
		.colours   = colours_wanted(),
		.headings  = n > 1 || options_has(&c->args, OPT_RECURSIVE),
	};
	int worst = EXIT_OK;

	for (size_t i = 0; i < n; i++) {
		int rc = ls_operand(&l, operand_or_here(c, i));

		worst = rc > worst ? rc : worst;
	}
	return worst;
}
