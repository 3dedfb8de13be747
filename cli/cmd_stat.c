/* cmd_stat.c - stat: all that is known of a name; df: the room there is; du: the room it takes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/listing.h"
#include "cli/print.h"
#include "cli/values.h"

static void
stat_print(const struct place *p, const json_t *e)
{
	static const char *const times[] = { "created", "accessed", "written", "changed" };
	char text[URL_TEXT], when[TIME_TEXT], attributes[ATTRIBUTES_TEXT];
	uint32_t bits = (uint32_t)json_u64_get(e, "attributes");

	printf("%s\n", place_print(p, text));
	printf("  %-11s %s\n", "kind", entry_is_directory(e) ? "directory" : "file");
	printf("  %-11s %" PRIu64 "\n", "size", json_u64_get(e, "size"));
	printf("  %-11s %" PRIu64 "\n", "allocation", json_u64_get(e, "allocation"));
	for (size_t i = 0; i < NELEM(times); i++)
		printf("  %-11s %s\n", times[i],
		    time_print((int64_t)json_u64_get(e, times[i]), when));
	printf("  %-11s %s (%#x)\n", "attributes", attributes_print(bits, attributes), bits);
	printf("  %-11s %#" PRIx64 "\n", "file id", json_u64_get(e, "file_id"));
	printf("  %-11s %" PRIu64 "\n", "links", json_u64_get(e, "links"));
	if (json_u64_get(e, "reparse_tag"))
		printf("  %-11s %#" PRIx64 "\n", "reparse", json_u64_get(e, "reparse_tag"));
	if (json_str_get(e, "short_name")[0]) {
		printf("  %-11s ", "short name");
		escape_put(json_str_get(e, "short_name"));
		(void)putchar('\n');
	}
}

/* The status is the question's, the address the answer's. */
static void
print_answer(const struct place *p, json_t *reply)
{
	char text[URL_TEXT];

	(void)json_object_set_new(reply, "url", json_string(place_print(p, text)));
	json_print(reply);
}

static int
stat_one(struct cli *c, const struct place *p, void *ctx)
{
	json_t *reply = NULL;
	int rc        = place_stat(c, p, &reply);

	(void)ctx;
	if (rc != EXIT_OK)
		return rc;
	if (c->json)
		print_answer(p, reply);
	else
		stat_print(p, reply);
	json_decref(reply);
	return EXIT_OK;
}

int
each_operand(struct cli *c, place_fn *each, void *ctx)
{
	size_t n  = c->args.n_operands > 0 ? c->args.n_operands : 1;
	int worst = EXIT_OK;

	for (size_t i = 0; i < n; i++) {
		int rc = place_each(c, operand_or_here(c, i), each, ctx);

		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int
cmd_stat(struct cli *c)
{
	return each_operand(c, stat_one, NULL);
}

static int
df_one(struct cli *c, const struct place *p, void *ctx)
{
	char text[URL_TEXT], total[SIZE_TEXT], free[SIZE_TEXT], available[SIZE_TEXT];
	json_t *reply = NULL;
	int rc        = place_ask(c, p, "client.df", NULL, &reply);

	(void)ctx;
	if (rc != EXIT_OK)
		return rc;
	if (c->json) {
		print_answer(p, reply);
	} else {
		printf("%s: %s in all, %s free, %s for us, ", place_print(p, text),
		    size_print(json_u64_get(reply, "total"), total),
		    size_print(json_u64_get(reply, "free"), free),
		    size_print(json_u64_get(reply, "available"), available));
		escape_put(json_str_get(reply, "filesystem"));
		(void)putchar('\n');
	}
	json_decref(reply);
	return EXIT_OK;
}

int
cmd_df(struct cli *c)
{
	return each_operand(c, df_one, NULL);
}

struct usage {
	uint64_t size, allocation, files, directories;
	bool any;		/* what was asked about could be read */
};

static int
usage_add(struct cli *c, const struct place *dir, struct usage *u)
{
	json_t *entries = NULL, *entry;
	size_t i;
	int worst;

	if (place_is_deep(dir))
		return cli_refused("more than %d directories deep", PLACE_DEEP);
	worst = listing_read(c, dir, NULL, &entries);
	if (worst != EXIT_OK)
		return worst;
	u->any = true;
	json_array_foreach(entries, i, entry) {
		struct place p;
		bool directory = entry_is_directory(entry);

		u->size += directory ? 0 : json_u64_get(entry, "size");
		u->allocation += directory ? 0 : json_u64_get(entry, "allocation");
		*(directory ? &u->directories : &u->files) += 1;
		if (entry_is_tree(entry) && place_below(dir, json_str_get(entry, "name"), &p) &&
		    usage_add(c, &p, u) != EXIT_OK)
			worst = EXIT_REFUSED;
	}
	json_decref(entries);
	return worst;
}

static void
usage_print(const struct cli *c, const struct place *p, const struct usage *u)
{
	char text[URL_TEXT], size[SIZE_TEXT], allocation[SIZE_TEXT];
	json_t *out;

	if (!c->json) {
		printf("%s: %s in %" PRIu64 " files and %" PRIu64 " directories, %s on disk\n",
		    place_print(p, text), size_print(u->size, size), u->files, u->directories,
		    size_print(u->allocation, allocation));
		return;
	}
	out = json_pack("{s:s, s:I, s:I, s:I, s:I}", "url", place_print(p, text), "size",
	    (json_int_t)u->size, "allocation", (json_int_t)u->allocation, "files",
	    (json_int_t)u->files, "directories", (json_int_t)u->directories);
	json_print(out);
	json_decref(out);
}

static int
du_one(struct cli *c, const struct place *p, void *ctx)
{
	struct usage u = { 0 };
	json_t *entry  = NULL;
	int rc         = p->path[0] ? place_stat(c, p, &entry) : EXIT_OK;

	(void)ctx;
	if (rc != EXIT_OK)
		return rc;
	if (entry && !entry_is_directory(entry))
		u = (struct usage){ json_u64_get(entry, "size"), json_u64_get(entry, "allocation"), 1, 0, true };
	else
		rc = usage_add(c, p, &u);
	json_decref(entry);
	if (u.any)
		usage_print(c, p, &u);
	return rc;
}

int
cmd_du(struct cli *c)
{
	return each_operand(c, du_one, NULL);
}
