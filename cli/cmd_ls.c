/* cmd_ls.c - what is in a directory: names, or a line each, or with everything below. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/glob.h"
#include "cli/listing.h"
#include "cli/values.h"

#define NAME_TEXT 1100	/* 255 bytes, each escaped */

struct ls {
	struct cli *c;
	bool details, recursive, colours, headings;
};

static void
print_details(const struct ls *l, const json_t *entry)
{
	char attributes[ATTRIBUTES_TEXT], written[TIME_TEXT];
	bool blue = l->colours && entry_is_directory(entry);

	printf("%-7s %12llu  %-19s  %s",
	    attributes_print((uint32_t)json_u64_get(entry, "attributes"), attributes),
	    (unsigned long long)json_u64_get(entry, "size"),
	    time_print((int64_t)json_u64_get(entry, "written"), written), blue ? "\033[1;34m" : "");
	escape_put(json_str_get(entry, "name"));
	printf("%s\n", blue ? "\033[0m" : "");
}

/* Columns on the screen, not bytes. */
static size_t
width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t
print_name(const struct ls *l, const json_t *entry)
{
	char name[NAME_TEXT] = "";
	bool directory       = entry_is_directory(entry);

	(void)escape_add(name, sizeof name, json_str_get(entry, "name"));
	printf(l->colours && directory ? "\033[1;34m%s\033[0m%s" : "%s%s", name,
	    directory ? "/" : "");
	return width_of(name) + directory;
}

static size_t
terminal_width(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return 0;
	return w.ws_col;
}

/* Down the columns on a terminal, else a name a line. */
static void
print_names(const struct ls *l, const json_t *entries)
{
	size_t n = json_array_size(entries), widest = 1, columns, rows, i;
	char name[NAME_TEXT];
	json_t *entry;

	json_array_foreach(entries, i, entry) {
		name[0] = '\0';
		(void)escape_add(name, sizeof name, json_str_get(entry, "name"));
		widest = width_of(name) + 3 > widest ? width_of(name) + 3 : widest;
	}
	columns = terminal_width() / widest;
	columns = columns > 0 ? columns : 1;
	rows    = (n + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		for (i = row; i < n; i += rows) {
			size_t used = print_name(l, json_array_get(entries, i));

			if (i + rows < n)
				printf("%*s", (int)(widest - used), "");
		}
		(void)putchar('\n');
	}
}

static void
print_entries(const struct ls *l, const json_t *entries)
{
	json_t *entry;
	size_t i;

	if (!l->details) {
		print_names(l, entries);
		return;
	}
	json_array_foreach(entries, i, entry)
		print_details(l, entry);
}

/* *ret: what could be listed, though something below may have been refused. */
static int
ls_directory(const struct ls *l, const struct place *dir, const char *pattern, json_t **ret);

/* Below: their entries inside of the entry, which is also what --json shows. */
static int
ls_below(const struct ls *l, const struct place *dir, const json_t *entries)
{
	json_t *entry;
	int worst = EXIT_OK;
	size_t i;

	json_array_foreach(entries, i, entry) {
		struct place p;
		json_t *below = NULL;

		if (!entry_is_tree(entry) || !place_below(dir, json_str_get(entry, "name"), &p))
			continue;
		if (place_is_deep(&p)) {
			worst = cli_refused("more than %d directories deep", PLACE_DEEP);
			continue;
		}
		if (!l->c->json)
			(void)putchar('\n');
		if (ls_directory(l, &p, NULL, &below) != EXIT_OK)
			worst = EXIT_REFUSED;
		if (below)
			(void)json_object_set_new(entry, "entries", below);
	}
	return worst;
}

static int
ls_directory(const struct ls *l, const struct place *dir, const char *pattern, json_t **ret)
{
	char text[URL_TEXT];
	json_t *entries = NULL;
	int rc          = listing_read(l->c, dir, pattern, &entries);

	if (rc != EXIT_OK)
		return rc;
	listing_order(l->c, entries);
	if (!l->c->json) {
		if (l->headings)
			printf("%s:\n", place_print(dir, text));
		print_entries(l, entries);
	}
	if (l->recursive)
		rc = ls_below(l, dir, entries);
	*ret = entries;
	return rc;
}

/* A file is listed by itself. */
static int
ls_place(const struct ls *l, const struct place *p, json_t **ret)
{
	json_t *entry = NULL;
	int rc        = p->path[0] ? place_stat(l->c, p, &entry) : EXIT_OK;

	if (rc != EXIT_OK)
		return rc;
	if (!entry || entry_is_directory(entry)) {
		json_decref(entry);
		return ls_directory(l, p, NULL, ret);
	}
	(void)json_object_set_new(entry, "name", json_string(path_leaf(p->path)));
	*ret = json_pack("[o]", entry);
	if (!l->c->json)
		print_entries(l, *ret);
	return EXIT_OK;
}

static int
ls_operand(const struct ls *l, const char *operand)
{
	struct place p;
	char text[URL_TEXT], pattern[URL_PATH] = "";
	json_t *entries = NULL;
	int rc          = place_find(l->c, operand, WANT_SERVER, &p);

	if (rc != EXIT_OK)
		return rc;
	if (!p.share[0])
		return shares_print(l->c, &p);
	if (glob_is(path_leaf(p.path))) {
		(void)snprintf(pattern, sizeof pattern, "%s", path_leaf(p.path));
		path_up(p.path);
	}
	rc = pattern[0] ? ls_directory(l, &p, pattern, &entries) : ls_place(l, &p, &entries);
	if (entries && l->c->json) {
		json_t *out = json_pack("{s:s, s:O}", "url", place_print(&p, text), "entries", entries);

		json_print(out);
		json_decref(out);
	}
	json_decref(entries);
	return rc;
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
