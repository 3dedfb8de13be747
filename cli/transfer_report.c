/* transfer_report.c - what a transfer would do, did, and could not do. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/transfer.h"
#include "cli/values.h"

void
transfer_fail(struct transfer *t, const char *about, const char *fmt, ...)
{
	char what[512], subject[URL_TEXT] = "", all[URL_TEXT + 600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	(void)escape_add(subject, sizeof subject, about);
	(void)snprintf(all, sizeof all, "%s: %s", subject, what);
	if (json_array_append_new(t->failures, json_string(all)) != 0)
		(void)json_array_append_new(t->failures, json_string(subject));	/* cut inside UTF-8 */
}

void
transfer_fail_status(struct transfer *t, const struct place *p, const json_t *reply, nt status)
{
	char text[URL_TEXT];

	transfer_fail(t, place_print(p, text), "%s (%s)", reply_sentence(reply, status),
	    nt_name(status));
	t->lost = t->lost || status_ends_session(status);
}

void
transfer_say_plan(const struct transfer *t)
{
	for (size_t i = 0; i < t->n_items && !t->c->json; i++) {
		printf("%s ", t->kind->verb);
		escape_put(t->items[i].src);
		printf("%s -> ", t->items[i].directory ? "/" : "");
		escape_put(t->items[i].dst);
		(void)putchar('\n');
	}
}

static json_t *
plan_json(const struct transfer *t)
{
	json_t *plan = json_array();

	for (size_t i = 0; i < t->n_items; i++)
		(void)json_array_append_new(plan, json_pack("{s:s, s:s, s:b, s:I}", "from",
		    t->items[i].src, "to", t->items[i].dst, "directory", t->items[i].directory,
		    "size", (json_int_t)t->items[i].size));
	return plan;
}

static void
report_json(const struct transfer *t)
{
	json_t *out = json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:O}", "files",
	    (json_int_t)t->files_done, "bytes", (json_int_t)t->bytes_done, "skipped",
	    (json_int_t)t->skipped, "milliseconds", (json_int_t)progress_ms(&t->progress),
	    "in_flight", (json_int_t)t->in_flight, "dry_run", t->dry_run, "failures", t->failures);

	if (t->dry_run)
		(void)json_object_set_new(out, "plan", plan_json(t));
	json_print(out);
	json_decref(out);
}

void
transfer_report(const struct transfer *t)
{
	char bytes[SIZE_TEXT], rate[SIZE_TEXT];
	int64_t ms = progress_ms(&t->progress);

	if (t->c->json)
		report_json(t);
	else if (t->progress.shown && !t->dry_run)
		(void)fprintf(stderr, "%llu of %llu files, %s, %s/s%s\n",
		    (unsigned long long)t->files_done, (unsigned long long)t->files,
		    size_print(t->bytes_done, bytes),
		    size_print(ms > 0 ? t->bytes_done * 1000 / (uint64_t)ms : 0, rate),
		    t->skipped ? ", some skipped" : "");
}

void
transfer_report_failures(const struct transfer *t)
{
	json_t *sentence;
	size_t i;

	json_array_foreach(t->failures, i, sentence)
		(void)cli_refused("%s", json_string_value(sentence));
}
