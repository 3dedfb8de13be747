/* listing.c - directories of a server, read to the end and sorted. */
#include "cli/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "cli/glob.h"
#include "cli/values.h"

bool
place_is_deep(const struct place *p)
{
	unsigned depth = 1;

	for (const char *at = p->path; *at; at++)
		depth += *at == '/';
	return depth > PLACE_DEEP;
}

bool
listing_is_last(const json_t *cursor)
{
	const char *text = json_string_value(cursor);

	return text ? strcmp(text, "0") == 0 : json_integer_value(cursor) == 0;
}

/* The server's idea of a match includes short names; ours does not. */
static void
keep_matches(json_t *entries, const char *pattern)
{
	for (size_t i = json_array_size(entries); i-- > 0;) {
		if (!glob_match(pattern, json_str_get(json_array_get(entries, i), "name")))
			(void)json_array_remove(entries, i);
	}
}

int
listing_read(struct cli *c, const struct place *dir, const char *pattern, json_t **ret)
{
	json_t *entries = json_array(), *cursor = json_integer(0), *reply = NULL;
	char text[URL_TEXT];
	int rc;

	do {
		json_t *more = json_pack("{s:s, s:O}", "pattern", pattern ? pattern : "", "cursor",
		    cursor);

		json_decref(cursor);
		cursor = NULL;
		rc     = place_ask(c, dir, "client.ls", more, &reply);
		if (rc != EXIT_OK)
			break;
		(void)json_array_extend(entries, json_object_get(reply, "entries"));
		cursor = json_incref(json_object_get(reply, "cursor"));
		json_decref(reply);
		if (json_array_size(entries) > LISTING_MAX)
			rc = cli_refused("%s: more than %d names", place_print(dir, text), LISTING_MAX);
	} while (rc == EXIT_OK && !listing_is_last(cursor));
	json_decref(cursor);
	if (rc == EXIT_OK && pattern)
		keep_matches(entries, pattern);
	if (rc == EXIT_OK)
		*ret = entries;
	else
		json_decref(entries);
	return rc;
}

static int
compare(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int
by_name(const void *a, const void *b)
{
	const char *x = json_str_get(*(json_t *const *)a, "name");
	const char *y = json_str_get(*(json_t *const *)b, "name");
	int order     = utf8_casecmp(x, y);

	return order ? order : strcmp(x, y);
}

static int
by_time(const void *a, const void *b)
{
	int order = compare(json_u64_get(*(json_t *const *)a, "written"),
	    json_u64_get(*(json_t *const *)b, "written"));

	return order ? order : by_name(a, b);
}

static int
by_size(const void *a, const void *b)
{
	int order = compare(json_u64_get(*(json_t *const *)a, "size"),
	    json_u64_get(*(json_t *const *)b, "size"));

	return order ? order : by_name(a, b);
}

void
listing_sort(json_t *entries, enum listing_order order, bool reverse)
{
	static int (*const orders[])(const void *, const void *) = { by_name, by_time, by_size };
	size_t n     = json_array_size(entries);
	json_t **all = xcalloc(n + 1, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = json_incref(json_array_get(entries, i));
	qsort(all, n, sizeof all[0], orders[order]);
	for (size_t i = 0; i < n; i++)
		(void)json_array_set_new(entries, reverse ? n - 1 - i : i, all[i]);
	free(all);
}

void
listing_order(const struct cli *c, json_t *entries)
{
	enum listing_order order = ORDER_NAME;

	if (options_has(&c->args, OPT_BY_SIZE))
		order = ORDER_SIZE;
	else if (options_has(&c->args, OPT_BY_TIME))
		order = ORDER_TIME;
	listing_sort(entries, order, options_has(&c->args, OPT_REVERSE));
}

bool
entry_is_directory(const json_t *entry)
{
	return json_is_true(json_object_get(entry, "directory"));
}

bool
entry_is_tree(const json_t *entry)
{
	return entry_is_directory(entry) && json_u64_get(entry, "reparse_tag") == 0 &&
	    !(json_u64_get(entry, "attributes") & ATTRIBUTE_REPARSE);
}

int
place_stat(struct cli *c, const struct place *p, json_t **ret)
{
	return place_ask(c, p, "client.stat", NULL, ret);
}

bool
place_is_directory(struct cli *c, const struct place *p)
{
	json_t *reply   = NULL;
	const char *why = "";
	bool is         = false;
	nt status;

	if (place_try(c, p, "client.stat", NULL, &reply, &status, &why))
		is = !nt_failed(status) && entry_is_directory(reply);
	json_decref(reply);
	return is;
}

/* Every name of dir that fits pattern. */
static int
each_match(struct cli *c, const struct place *dir, const char *pattern, place_fn *each, void *ctx)
{
	json_t *entries = NULL, *entry;
	int worst       = listing_read(c, dir, pattern, &entries);
	size_t i;

	if (worst != EXIT_OK)
		return worst;
	if (json_array_size(entries) == 0)
		worst = cli_refused("nothing fits \"%s\"", pattern);
	listing_sort(entries, ORDER_NAME, false);
	json_array_foreach(entries, i, entry) {
		struct place p;

		if (!place_below(dir, json_str_get(entry, "name"), &p))
			worst = cli_refused("the server lists a name that cannot be one");
		else if (each(c, &p, ctx) != EXIT_OK)
			worst = EXIT_REFUSED;
	}
	json_decref(entries);
	return worst;
}

int
place_each(struct cli *c, const char *operand, place_fn *each, void *ctx)
{
	struct place p;
	char pattern[URL_PATH];
	int rc = place_find(c, operand, WANT_SHARE, &p);

	if (rc != EXIT_OK)
		return rc;
	if (!glob_is(path_leaf(p.path)))
		return each(c, &p, ctx);
	(void)snprintf(pattern, sizeof pattern, "%s", path_leaf(p.path));
	path_up(p.path);
	return each_match(c, &p, pattern, each, ctx);
}
