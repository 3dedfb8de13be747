/* transfer.c - several files at a time: start, listen, finish. */
#include "cli/transfer_life.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/values.h"
#include "cli/way.h"

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
	t->in_place   = options_has(a, OPT_IN_PLACE);
	t->resume     = options_has(a, OPT_RESUME);
	t->checksum   = options_has(a, OPT_CHECKSUM);
	t->dry_run    = options_has(a, OPT_DRY_RUN);
	t->quiet      = options_has(a, OPT_QUIET) || c->json;
	interrupt_catch();
	return option_number(a, OPT_JOBS, 4, JOBS_MAX, &t->jobs);
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
		j->done = way_moved(t->c, j->number);
		if (!api_path(t->c->api)[0])
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
		jobs_hear(t, &got);
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

	transfer_fail(t, t->kind->verb, "interrupted%s",
	    t->resume ? "; the same with --resume goes on from here" : "");
	for (size_t i = 0; i < t->jobs; i++) {
		t->job[i].failed = true;
		if (t->job[i].item)
			job_cancel(t, &t->job[i]);
	}
	t->interrupted = true;
	interrupt_clear();
	while (jobs_running(t) > 0 && progress_ms(&t->progress) < until && !interrupted() &&
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

	while ((next < t->n_items && !t->lost) || jobs_running(t) > 0) {
		struct job *j = next < t->n_items && !t->lost ? jobs_idle(t) : NULL;

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
			transfer_say_plan(t);
		else
			move_all(t);
		progress_clear(&t->progress);
		transfer_report(t);
		rc = json_array_size(t->failures) > 0 ? EXIT_REFUSED : EXIT_OK;
	}
	transfer_report_failures(t);
	way_rest(t->c);
	interrupt_clear();
	transfer_free(t);
	return rc;
}
