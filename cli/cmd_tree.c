/*
 * cmd_tree.c - a directory and what is below it as a picture.  Of names that the
 * pattern asks for, and the directories on the way to them.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/listing.h"
#include "cli/values.h"

#define DEPTH_MAX  128
#define INDENT_MAX (DEPTH_MAX * 10)

struct tree {
	struct cli *c;
	regex_t regex;
	bool has_regex, colours;
	bool refused;		/* something below it */
	unsigned long depth;
	char indent[INDENT_MAX];
	unsigned long directories, files;
};

static int read_tree(struct tree *, const struct place *, unsigned long depth, json_t **ret);

static bool
is_wanted(const struct tree *t, const json_t *entry)
{
	return !t->has_regex ||
	    regexec(&t->regex, json_str_get(entry, "name"), 0, NULL, 0) == 0;
}

/* What is below the entry, into the entry.  False: it is of no interest. */
static bool
read_entry(struct tree *t, const struct place *dir, json_t *entry, unsigned long depth, int *worst)
{
	struct place p;
	json_t *below = NULL;

	if (depth >= t->depth || !entry_is_tree(entry) ||
	    !place_below(dir, json_str_get(entry, "name"), &p))
		return is_wanted(t, entry);
	if (read_tree(t, &p, depth + 1, &below) != EXIT_OK) {
		*worst = EXIT_REFUSED;
		return true;
	}
	(void)json_object_set(entry, "entries", below);
	json_decref(below);
	return json_array_size(below) > 0 || is_wanted(t, entry);
}

static int
read_tree(struct tree *t, const struct place *dir, unsigned long depth, json_t **ret)
{
	json_t *entries = NULL;
	int worst       = listing_read(t->c, dir, NULL, &entries);

	if (worst != EXIT_OK)
		return worst;
	listing_sort(entries, ORDER_NAME, false);
	for (size_t i = 0; i < json_array_size(entries);) {
		if (read_entry(t, dir, json_array_get(entries, i), depth, &worst))
			i++;
		else
			(void)json_array_remove(entries, i);
	}
	t->refused = t->refused || worst != EXIT_OK;
	*ret       = entries;
	return EXIT_OK;
}

static void
print_tree(struct tree *t, const json_t *entries)
{
	size_t at = strlen(t->indent), i, n = json_array_size(entries);
	json_t *entry;

	json_array_foreach(entries, i, entry) {
		bool directory = entry_is_directory(entry), last = i + 1 == n;
		bool blue      = directory && t->colours;

		printf("%s%s%s", t->indent, last ? "└── " : "├── ", blue ? "\033[1;34m" : "");
		escape_put(json_str_get(entry, "name"));
		printf("%s%s\n", blue ? "\033[0m" : "", directory ? "/" : "");
		*(directory ? &t->directories : &t->files) += 1;
		(void)snprintf(t->indent + at, sizeof t->indent - at, last ? "    " : "│   ");
		print_tree(t, json_object_get(entry, "entries"));
		t->indent[at] = '\0';
	}
}

static int
show(struct tree *t, const struct place *p)
{
	char text[URL_TEXT];
	json_t *entries = NULL, *out;
	int rc          = read_tree(t, p, 1, &entries);

	if (rc != EXIT_OK)
		return rc;
	if (t->c->json) {
		out = json_pack("{s:s, s:O}", "url", place_print(p, text), "entries", entries);
		json_print(out);
		json_decref(out);
	} else {
		printf("%s\n", place_print(p, text));
		print_tree(t, entries);
		printf("\n%lu director%s, %lu file%s\n", t->directories,
		    t->directories == 1 ? "y" : "ies", t->files, t->files == 1 ? "" : "s");
	}
	json_decref(entries);
	return t->refused ? EXIT_REFUSED : EXIT_OK;
}

/* Operands after the address: REGEX, DEPTH. */
static int
read_operands(struct tree *t, const struct cli_args *a, size_t i)
{
	const char *depth = i + 1 < a->n_operands ? a->operands[i + 1] : NULL;
	char *end         = NULL;

	t->depth = DEPTH_MAX;
	if (depth) {
		t->depth = strtoul(depth, &end, 10);
		if (depth[0] < '0' || depth[0] > '9' || *end || t->depth < 1 ||
		    t->depth > DEPTH_MAX)
			return cli_misused("tree: the depth is a number from 1 to %d", DEPTH_MAX);
	}
	if (i < a->n_operands && a->operands[i][0]) {
		if (regcomp(&t->regex, a->operands[i], REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
			return cli_misused("tree: \"%s\" is no regular expression", a->operands[i]);
		t->has_regex = true;
	}
	return EXIT_OK;
}

/*
 * In the shell the directory may be left out: a first word that looks like a path is one, any
 * other a pattern, and where three are given there is no doubt.
 */
static bool
names_directory(const struct cli *c, const char *op)
{
	return !c->client->in_shell || c->args.n_operands == 3 || url_is(op) ||
	    strchr(op, '/') || strcmp(op, ".") == 0 || strcmp(op, "..") == 0;
}

int
cmd_tree(struct cli *c)
{
	struct tree t  = { .c = c, .colours = colours_wanted() };
	const char *op = operand_or_here(c, 0);
	bool named     = names_directory(c, op);
	struct place p;
	int rc = read_operands(&t, &c->args, named ? 1 : 0);

	if (rc == EXIT_OK)
		rc = place_find(c, named ? op : "", WANT_SHARE, &p);
	if (rc == EXIT_OK)
		rc = show(&t, &p);
	if (t.has_regex)
		regfree(&t.regex);
	return rc;
}
