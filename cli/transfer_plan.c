/*
 * transfer_plan.c - which files, from a server's directories or from local ones.
 * A server's names are believed only as far as they stay below what was asked for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "cli/escape.h"
#include "cli/glob.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/localfs.h"
#include "cli/transfer.h"
#include "cli/values.h"

struct item *
plan_add(struct transfer *t, const char *src, const char *dst, bool directory)
{
	struct item *it;

	if (t->n_items == t->cap_items) {
		size_t cap        = 2 * t->cap_items + 64;
		struct item *more = xcalloc(cap, sizeof *more);

		if (t->n_items > 0)
			memcpy(more, t->items, t->n_items * sizeof *more);
		free(t->items);
		t->items     = more;
		t->cap_items = cap;
	}
	it  = &t->items[t->n_items++];
	*it = (struct item){ .src = xstrdup(src), .dst = xstrdup(dst), .directory = directory };
	return it;
}

/* A pattern with '/' is for the path, one without for the name. */
static bool
fits(const char *pattern, const char *path)
{
	return glob_match(pattern, strchr(pattern, '/') ? path : path_leaf(path));
}

bool
plan_wants(const struct transfer *t, const char *path, bool directory)
{
	const struct cli_args *a = &t->c->args;
	bool included            = directory || !options_has(a, OPT_INCLUDE);

	for (size_t i = 0; i < a->n_given; i++) {
		if (a->given[i].option == OPT_EXCLUDE && fits(a->given[i].value, path))
			return false;
		if (a->given[i].option == OPT_INCLUDE && fits(a->given[i].value, path))
			included = true;
	}
	return included;
}

static char *
joined(const char *dir, const char *name)
{
	size_t n   = strlen(dir) + strlen(name) + 2;
	char *path = xcalloc(n, 1);

	(void)snprintf(path, n, "%s%s%s", dir, dir[0] ? "/" : "", name);
	return path;
}

static void
plan_file(struct transfer *t, const json_t *entry, const char *src, const char *dst)
{
	struct item *it = plan_add(t, src, dst, false);

	it->size     = json_u64_get(entry, "size");
	it->written  = (int64_t)json_u64_get(entry, "written");
	it->accessed = (int64_t)json_u64_get(entry, "accessed");
	t->bytes += it->size;
	t->files++;
}

static int plan_directory(struct transfer *, const struct place *, const char *dst);

static void
plan_entry(struct transfer *t, const struct place *dir, const json_t *entry, const char *dst)
{
	const char *name = json_str_get(entry, "name");
	char text[URL_TEXT];
	struct place p;
	char *below;

	if (!place_below(dir, name, &p)) {
		transfer_fail(t, place_print(dir, text), "a name in it gets too long");
		return;
	}
	below = joined(dst, name);
	if (!plan_wants(t, p.path, entry_is_directory(entry)))
		t->skipped++;
	else if (entry_is_tree(entry))
		(void)plan_directory(t, &p, below);
	else if (entry_is_directory(entry))
		transfer_fail(t, place_print(&p, text), "a link to a directory, not followed");
	else
		plan_file(t, entry, p.path, below);
	free(below);
}

/* Of two names that differ only by case one would overwrite the other somewhere. */
static bool
is_double(const json_t *entries, size_t i)
{
	return i > 0 && utf8_casecmp(json_str_get(json_array_get(entries, i - 1), "name"),
	    json_str_get(json_array_get(entries, i), "name")) == 0;
}

static int
plan_directory(struct transfer *t, const struct place *dir, const char *dst)
{
	char text[URL_TEXT];
	json_t *entries = NULL, *entry;
	size_t i;

	if (place_is_deep(dir)) {
		transfer_fail(t, place_print(dir, text), "more than %d directories deep", PLACE_DEEP);
		return EXIT_OK;
	}
	if (listing_read(t->c, dir, NULL, &entries) != EXIT_OK) {
		transfer_fail(t, place_print(dir, text), "could not be listed");
		return EXIT_OK;
	}
	(void)plan_add(t, dir->path, dst, true);
	listing_sort(entries, ORDER_NAME, false);
	json_array_foreach(entries, i, entry) {
		const char *wrong = local_name_wrong(json_str_get(entry, "name"));

		if (interrupted())
			break;
		if (!wrong && is_double(entries, i))
			wrong = "another one there differs from it only by case";
		if (wrong) {
			char name[300] = "";

			(void)escape_add(name, sizeof name, json_str_get(entry, "name"));
			transfer_fail(t, place_print(dir, text), "the name \"%s\" is refused: %s",
			    name, wrong);
			continue;
		}
		plan_entry(t, dir, entry, dst);
	}
	json_decref(entries);
	return EXIT_OK;
}

int
plan_remote(struct transfer *t, const struct place *from, const char *dst)
{
	char text[URL_TEXT];
	json_t *entry = NULL;
	int rc        = from->path[0] ? place_stat(t->c, from, &entry) : EXIT_OK;

	if (rc != EXIT_OK)
		return rc;
	if (entry && !entry_is_directory(entry)) {
		plan_file(t, entry, from->path, dst);
		json_decref(entry);
		return EXIT_OK;
	}
	json_decref(entry);
	if (!t->recursive)
		return cli_refused("%s: a directory; -r takes it with all below it",
		    place_print(from, text));
	return plan_directory(t, from, dst);
}

/* ---- local ---- */

static int64_t
ns_of(struct timespec ts)
{
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
plan_local_file(struct transfer *t, const struct stat *st, const char *src, const char *dst)
{
	struct item *it = plan_add(t, src, dst, S_ISDIR(st->st_mode));

	it->written  = ns_of(st->st_mtim);
	it->accessed = ns_of(st->st_atim);
	if (it->directory)
		return;
	it->size = (uint64_t)st->st_size;
	t->bytes += it->size;
	t->files++;
}

/* Names that are one to a server stand together. */
static int
by_text(const struct dirent **a, const struct dirent **b)
{
	int order = utf8_casecmp((*a)->d_name, (*b)->d_name);

	return order != 0 ? order : strcmp((*a)->d_name, (*b)->d_name);
}

static int
not_dots(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static void
plan_local_below(struct transfer *t, const char *src, const char *dst)
{
	struct dirent **names = NULL;
	int n                 = scandir(src, &names, not_dots, by_text);

	if (n < 0)
		transfer_fail(t, src, "%s", strerror(errno));
	for (int i = 0; i < n; i++) {
		char *from = joined(src, names[i]->d_name), *to = joined(dst, names[i]->d_name);

		if (i > 0 && utf8_casecmp(names[i - 1]->d_name, names[i]->d_name) == 0)
			transfer_fail(t, from, "another one there differs from it only by case");
		else if (!interrupted())
			(void)plan_local(t, from, to, false);
		free(from);
		free(to);
	}
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static const char *
no_file(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory; -r takes it with all below it";
	return S_ISLNK(mode) ? "a symbolic link, not followed" : "not a regular file";
}

int
plan_local(struct transfer *t, const char *src, const char *dst, bool top)
{
	struct stat st;

	if (fstatat(AT_FDCWD, src, &st, top ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
		transfer_fail(t, src, "%s", strerror(errno));
		return EXIT_OK;
	}
	if (strchr(path_leaf(src), '\\') || !utf8_valid(dst, strlen(dst))) {
		transfer_fail(t, src, "no server takes this name");
	} else if (!plan_wants(t, dst, S_ISDIR(st.st_mode))) {
		t->skipped++;
	} else if (S_ISREG(st.st_mode)) {
		plan_local_file(t, &st, src, dst);
	} else if (S_ISDIR(st.st_mode) && t->recursive) {
		plan_local_file(t, &st, src, dst);
		plan_local_below(t, src, dst);
	} else {
		transfer_fail(t, src, "%s", no_file(st.st_mode));
	}
	return EXIT_OK;
}
