/* transfer.c - several files at a time: start, listen, finish, tell. */
#include "cli/transfer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/pass.h"
#include "cli/values.h"

#define TICK_MS     200
#define PROGRESS_MS 500
#define CANCEL_MS   10000	/* how long cancelled transfers may take to end */

int
transfer_init(struct transfer *t, struct cli *c, const struct transfer_kind *kind)
{
	const struct cli_args *a = &c->args;

	*t = (struct transfer){ .c = c, .kind = kind, .root = -1, .failures = json_array() };
	t->recursive  = options_has(a, OPT_RECURSIVE);
	t->preserve   = options_has(a, OPT_PRESERVE);
	t->no_clobber = options_has(a, OPT_NO_CLOBBER);
	t->resume     = options_has(a, OPT_RESUME);
	t->checksum   = options_has(a, OPT_CHECKSUM);
	t->dry_run    = options_has(a, OPT_DRY_RUN);
	t->quiet      = options_has(a, OPT_QUIET) || c->json;
	interrupt_catch();
	return option_number(a, OPT_JOBS, 4, JOBS_MAX, &t->jobs);
}

/* ---- failures ---- */

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
transfer_fail_status(struct transfer *t, const struct place *p, nt status)
{
	char text[URL_TEXT];

	transfer_fail(t, place_print(p, text), "%s (%s)", nt_sentence(status), nt_name(status));
	t->lost = t->lost || status_ends_session(status);
}

void
job_fail(struct transfer *t, struct job *j, const char *about, const char *why)
{
	transfer_fail(t, about, "%s", why);
	j->failed = true;
}

struct place
place_at(const struct place *share, const char *path)
{
	struct place p = *share;

	(void)snprintf(p.path, sizeof p.path, "%s", path);
	return p;
}

/* ---- questions of a job ---- */

bool
job_ask(struct transfer *t, struct job *j, unsigned slot, const struct place *p,
    const char *method, json_t *more)
{
	json_t *request = place_request(p, more);
	const char *why = "";
	char text[URL_TEXT];

	j->ids[slot] = api_send(t->c->api, method, request, SPAN_NONE, &why);
	json_decref(request);
	if (j->ids[slot] == 0)
		job_fail(t, j, place_print(p, text), why);
	return j->ids[slot] != 0;
}

bool
remote_directory(struct transfer *t, const struct place *p)
{
	json_t *reply   = NULL;
	const char *why = "";
	char text[URL_TEXT];
	nt status;

	if (!p->path[0])
		return true;
	if (!place_try(t->c, p, "client.mkdir", NULL, &reply, &status, &why)) {
		transfer_fail(t, place_print(p, text), "%s", why);
		return false;
	}
	json_decref(reply);
	if (!nt_failed(status) || place_is_directory(t->c, p))
		return true;
	transfer_fail_status(t, p, status);
	return false;
}

bool
job_pass(struct transfer *t, struct job *j, int fd, char token[33])
{
	const char *why = "";

	if (pass_fd(t->c->runtime, fd, token, &why))
		return true;
	job_fail(t, j, j->item->src, why);
	return false;
}

bool
job_verify(struct transfer *t, struct job *j, const struct place *p, int stage)
{
	char token[PASS_TOKEN];
	int ends[2];
	bool passed;

	if (!relay_pipe(ends)) {
		job_fail(t, j, j->item->src, strerror(errno));
		return false;
	}
	passed = job_pass(t, j, ends[1], token);
	(void)close(ends[1]);
	j->relay  = xcalloc(1, sizeof *j->relay);
	*j->relay = (struct relay){ .from = ends[0], .to = -1, .hash = true };
	j->stage  = stage;
	if (!relay_start(j->relay)) {
		free(STEAL(j->relay));
		job_fail(t, j, j->item->src, strerror(errno));
		return false;
	}
	return passed && job_ask(t, j, 0, p, "client.get",
	    json_pack("{s:s, s:I}", "local", token, "job", (json_int_t)j->number));
}

void
job_verified(struct transfer *t, struct job *j, const struct place *p)
{
	uint8_t ours[DIGEST_BYTES];
	char text[URL_TEXT];

	relay_end(j->relay);
	if (!j->relay->ok || !digest_file(j->file, ours)) {
		job_fail(t, j, place_print(p, text), "cannot be read again for its checksum");
	} else if (memcmp(ours, j->relay->digest, sizeof ours) != 0) {
		job_fail(t, j, place_print(p, text), "the checksums of the two sides differ");
		j->worthless = true;
	}
	free(STEAL(j->relay));
}

/* ---- life of a job ---- */

static struct job *
job_free(struct transfer *t)
{
	for (size_t i = 0; i < t->jobs; i++) {
		if (!t->job[i].item)
			return &t->job[i];
	}
	return NULL;
}

static void
job_end(struct transfer *t, struct job *j)
{
	if (j->relay)
		relay_end(j->relay);
	free(STEAL(j->relay));
	if (t->kind->finish)
		t->kind->finish(t, j);
	if (j->file >= 0)
		(void)close(j->file);
	if (j->dir >= 0)
		(void)close(j->dir);
	t->skipped += j->skipped;
	if (!j->failed && !j->skipped) {
		t->files_done++;
		t->bytes_done += j->item->size;
	}
	j->item = NULL;
}

static void
job_start(struct transfer *t, struct job *j, const struct item *item)
{
	*j = (struct job){ .item = item, .number = ++t->c->client->last_job, .dir = -1, .file = -1 };
	if (!t->kind->start(t, j))
		job_end(t, j);
}

static void
job_answered(struct transfer *t, struct job *j, const struct api_got *got)
{
	uint64_t in_flight = json_u64_get(got->json, "in_flight");
	struct place p     = place_at(&t->src, j->item->src);

	if (t->kind == &transfer_put)
		p = place_at(&t->dst, j->item->dst);
	t->in_flight = in_flight > t->in_flight ? in_flight : t->in_flight;
	if (nt_failed(got->status) && !j->failed) {
		transfer_fail_status(t, &p, got->status);
		j->failed = true;
	}
	if (j->ids[0] || j->ids[1])
		return;
	if (j->failed || !t->kind->next(t, j, got->json))
		job_end(t, j);
}

/* Whose answer it is; NULL: nobody's any more. */
static struct job *
job_of(struct transfer *t, unsigned id)
{
	for (size_t i = 0; i < t->jobs; i++) {
		struct job *j = &t->job[i];

		if (j->item && (j->ids[0] == id || j->ids[1] == id || j->asking == id))
			return j;
	}
	return NULL;
}

static void
on_message(struct transfer *t, struct api_got *got)
{
	struct job *j = got->id ? job_of(t, got->id) : NULL;

	if (j && j->asking == got->id) {
		j->asking = 0;
		if (!nt_failed(got->status) && json_u64_get(got->json, "done") > j->done)
			j->done = json_u64_get(got->json, "done");
	} else if (j) {
		j->ids[j->ids[0] != got->id] = 0;
		job_answered(t, j, got);
	}
	json_decref(got->json);
}

static size_t
running(const struct transfer *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->jobs; i++)
		n += t->job[i].item != NULL;
	return n;
}

/* ---- progress ---- */

static void
ask_progress(struct transfer *t)
{
	const char *why;

	for (size_t i = 0; i < t->jobs; i++) {
		struct job *j = &t->job[i];
		json_t *request;

		if (!j->item || j->asking)
			continue;
		request   = json_pack("{s:I}", "job", (json_int_t)j->number);
		j->asking = api_send(t->c->api, "client.progress", request, SPAN_NONE, &why);
		json_decref(request);
	}
}

static void
show_progress(struct transfer *t)
{
	uint64_t done = t->bytes_done;
	int64_t now   = progress_ms(&t->progress);

	if (!t->progress.shown)
		return;
	if (now - t->asked_progress >= PROGRESS_MS) {
		t->asked_progress = now;
		ask_progress(t);
	}
	for (size_t i = 0; i < t->jobs; i++)
		done += t->job[i].item ? t->job[i].offset + t->job[i].done : 0;
	progress_draw(&t->progress, done, t->bytes, t->files_done, t->files);
}

/* ---- the loop ---- */

/* One message, or a tick.  False: nothing will come any more. */
static bool
listen_once(struct transfer *t)
{
	struct api_got got;
	const char *why = "";

	switch (api_next(t->c->api, TICK_MS, -1, &got, &why)) {
	case API_GOT:
		on_message(t, &got);
		break;
	case API_LOST:
		transfer_fail(t, "the transfer", "%s", why);
		return false;
	default:
		break;
	}
	show_progress(t);
	return true;
}

/* Nothing is awaited any more from what is under way. */
static void
abandon(struct transfer *t)
{
	for (size_t i = 0; i < t->jobs; i++) {
		struct job *j = &t->job[i];

		if (!j->item)
			continue;
		j->failed = true;
		if (j->relay)
			(void)pthread_detach(j->relay->thread);	/* its pipe may never end */
		j->relay = NULL;	/* and so it keeps what it works with */
		job_end(t, j);
	}
}

static void
cancel(struct transfer *t)
{
	int64_t until = progress_ms(&t->progress) + CANCEL_MS;
	const char *why;

	transfer_fail(t, t->kind->verb, "interrupted%s",
	    t->resume ? "; the same with --resume goes on from here" : "");
	for (size_t i = 0; i < t->jobs; i++) {
		json_t *request = json_pack("{s:I}", "job", (json_int_t)t->job[i].number);

		t->job[i].failed = true;
		if (t->job[i].item)
			(void)api_send(t->c->api, "client.cancel", request, SPAN_NONE, &why);
		json_decref(request);
	}
	t->interrupted = true;
	interrupt_clear();
	while (running(t) > 0 && progress_ms(&t->progress) < until && !interrupted() &&
	    listen_once(t))
		;
	abandon(t);
}

static void
say_untried(struct transfer *t, size_t next)
{
	if (next < t->n_items)
		transfer_fail(t, t->kind->verb, "%zu more were not tried: the session is gone",
		    t->n_items - next);
	if (t->src.at)
		remote_lost(t->src.at);
	if (t->dst.at)
		remote_lost(t->dst.at);
}

static void
move_all(struct transfer *t)
{
	size_t next = 0;

	while ((next < t->n_items && !t->lost) || running(t) > 0) {
		struct job *j = next < t->n_items && !t->lost ? job_free(t) : NULL;

		if (interrupted()) {
			cancel(t);
			return;
		}
		if (j && t->items[next].directory) {
			(void)t->kind->directory(t, &t->items[next++]);
		} else if (j) {
			job_start(t, j, &t->items[next++]);
		} else if (!listen_once(t)) {
			abandon(t);
			return;
		}
	}
	if (t->lost) {
		say_untried(t, next);
		return;
	}
	for (size_t i = t->n_items; t->kind->settle && i-- > 0;) {
		if (t->items[i].directory)
			t->kind->settle(t, &t->items[i]);
	}
}

/* ---- the end ---- */

static void
say_plan(const struct transfer *t)
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

static void
report(const struct transfer *t)
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

static void
report_failures(const struct transfer *t)
{
	json_t *sentence;
	size_t i;

	json_array_foreach(t->failures, i, sentence)
		(void)cli_refused("%s", json_string_value(sentence));
}

static void
transfer_free(struct transfer *t)
{
	for (size_t i = 0; i < t->n_items; i++) {
		free(t->items[i].src);
		free(t->items[i].dst);
	}
	free(t->items);
	json_decref(t->failures);
	if (t->root >= 0)
		(void)close(t->root);
}

int
transfer_run(struct transfer *t, int planned)
{
	int rc = planned;

	if (planned == EXIT_OK) {
		progress_begin(&t->progress, !t->quiet);
		if (t->dry_run)
			say_plan(t);
		else
			move_all(t);
		progress_clear(&t->progress);
		report(t);
		rc = json_array_size(t->failures) > 0 ? EXIT_REFUSED : EXIT_OK;
	}
	report_failures(t);
	interrupt_clear();
	transfer_free(t);
	return rc;
}
