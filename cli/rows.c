/* rows.c - see rows.h. */
#include "cli/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "cli/api.h"
#include "cli/glob.h"
#include "cli/values.h"
#include "ipc/birth.h"
#include "ipc/msg/client.msg.h"

/* Where names lie: an answer's binary frame. */
struct rows_page {
	struct rows_page *next;
	uint8_t *frame;
};

void
rows_free(struct rows *r)
{
	while (r->pages) {
		struct rows_page *p = r->pages;

		r->pages = p->next;
		free(p->frame);
		free(p);
	}
	free(r->v);
	*r = (struct rows){ 0 };
}

static struct row *
rows_add(struct rows *r)
{
	if (r->n == r->cap) {
		size_t cap    = r->cap ? 2 * r->cap : 256;
		struct row *v = reallocarray(r->v, cap, sizeof *v);

		ENSURE(v != NULL);
		r->v   = v;
		r->cap = cap;
	}
	return &r->v[r->n++];
}

void
rows_one(struct rows *ret, const json_t *entry)
{
	*rows_add(ret) = (struct row){ .name = json_str_get(entry, "name"),
		.size        = json_u64_get(entry, "size"),
		.written     = json_u64_get(entry, "written"),
		.attributes  = (uint32_t)json_u64_get(entry, "attributes"),
		.reparse_tag = (uint32_t)json_u64_get(entry, "reparse_tag"),
		.directory   = entry_is_directory(entry) };
}

/* The server's idea of a match includes short names; ours does not. */
static void
row_take(struct rows *r, const struct client_entry_row_req *e, const char *pattern)
{
	if (pattern && !glob_match(pattern, e->name.s))
		return;
	*rows_add(r) = (struct row){ .name = e->name.s, .size = e->size, .written = e->written,
		.attributes = e->attributes, .reparse_tag = e->reparse_tag,
		.directory = e->directory };
}

/* The row's decoder alone: not all that its messages' would bring along. */
static nt
row_decode(struct span body, struct client_entry_row_req *ret)
{
	struct client_entry_row_req m = { 0 };
	struct rd r                   = rd_init(body);

	CLIENT_ENTRY(MSG_FIELD_DECODE)
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	*ret = m;
	return STATUS_SUCCESS;
}

/* Takes over the frame.  False: it is not what was asked for. */
static bool
page_take(struct rows *r, uint8_t *frame, size_t n, const char *pattern)
{
	struct rows_page *p = xcalloc(1, sizeof *p);
	struct rd in        = rd_init(SPAN(frame, n));
	struct client_entry_row_req e;
	struct span body;
	uint16_t id;

	*p       = (struct rows_page){ r->pages, frame };
	r->pages = p;
	while (conf_next(&in, &id, &body)) {
		if (nt_failed(row_decode(body, &e)))
			return false;
		row_take(r, &e, pattern);
	}
	return rd_ok(&in) && rd_left(&in) == 0;
}

int
rows_read(struct cli *c, const struct place *dir, const char *pattern, struct rows *ret)
{
	json_t *cursor = json_integer(0);
	struct rows r  = { 0 };
	char text[URL_TEXT];
	int rc;

	do {
		struct api_got got = { 0 };

		rc = place_ask_binary(c, dir, "client.ls",
		    json_pack("{s:s, s:o, s:b}", "pattern", pattern ? pattern : "", "cursor", cursor,
			"packed", 1), &got);
		cursor = NULL;
		if (rc != EXIT_OK)
			break;
		cursor = json_incref(json_object_get(got.json, "cursor"));
		if (!page_take(&r, STEAL(got.binary), got.n_binary, pattern))
			rc = cli_refused("%s: the answer is no listing", place_print(dir, text));
		else if (r.n > LISTING_MAX)
			rc = cli_refused("%s: more than %d names", place_print(dir, text), LISTING_MAX);
		api_got_free(&got);
	} while (rc == EXIT_OK && !listing_is_last(cursor));
	json_decref(cursor);
	if (rc == EXIT_OK)
		*ret = r;
	else
		rows_free(&r);
	return rc;
}

/* ---- order ---- */

static int
by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order           = utf8_casecmp(x->name, y->name);

	return order ? order : strcmp(x->name, y->name);
}

static int
by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->written != y->written ? (x->written < y->written ? 1 : -1) : by_name(a, b);
}

static int
by_size(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->size != y->size ? (x->size < y->size ? 1 : -1) : by_name(a, b);
}

void
rows_sort(const struct cli *c, struct rows *r)
{
	int (*order)(const void *, const void *) = options_has(&c->args, OPT_BY_SIZE) ? by_size
	    : options_has(&c->args, OPT_BY_TIME)                                      ? by_time
										      : by_name;

	if (r->n > 1)
		qsort(r->v, r->n, sizeof r->v[0], order);
	for (size_t i = 0; options_has(&c->args, OPT_REVERSE) && i < r->n / 2; i++) {
		struct row last = r->v[r->n - 1 - i];

		r->v[r->n - 1 - i] = r->v[i];
		r->v[i]            = last;
	}
}

bool
row_is_tree(const struct row *r)
{
	return r->directory && r->reparse_tag == 0 && !(r->attributes & ATTRIBUTE_REPARSE);
}
