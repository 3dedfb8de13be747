/* transfer_life.c - one job of a transfer: begun, answered, given up, ended. */
#include "cli/transfer_life.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/values.h"
#include "cli/way.h"

struct job *
jobs_idle(struct transfer *t)
{
	for (size_t i = 0; i < t->jobs; i++) {
		if (!t->job[i].item)
			return &t->job[i];
	}
	return NULL;
}

static void
ways_end(struct transfer *t, const struct job *j)
{
	for (unsigned slot = 0; slot < NELEM(j->ids); slot++)
		way_end(t->c, j->number + slot);
}

void
job_end(struct transfer *t, struct job *j)
{
	ways_end(t, j);
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

void
job_start(struct transfer *t, struct job *j, const struct item *item)
{
	t->c->client->last_job += 2;
	*j = (struct job){ .item = item, .number = t->c->client->last_job, .dir = -1, .file = -1 };
	if (!t->kind->start(t, j))
		job_end(t, j);
}

/* What is still out of it is not wanted any more; it is answered all the same. */
void
job_cancel(struct transfer *t, const struct job *j)
{
	const char *why;

	for (unsigned slot = 0; slot < NELEM(j->ids); slot++) {
		json_t *request = json_pack("{s:I}", "job", (json_int_t)(j->number + slot));

		if (j->ids[slot])
			(void)api_send(t->c->api, "client.cancel", request, SPAN_NONE, &why);
		json_decref(request);
	}
}

/* What was wrong here rather than there; NULL: nothing.  Only writing makes a disk full, and a get writes here. */
static const char *
local_error(const struct transfer *t, const struct job *j, unsigned slot, nt status)
{
	const char *why = way_error(t->c, j->number + slot);

	if (!why && t->kind == &transfer_get && nt_is(status, STATUS_DISK_FULL))
		why = strerror(ENOSPC);
	return why;
}

static void
job_refused(struct transfer *t, struct job *j, unsigned slot, const json_t *reply, nt status)
{
	bool at_dst     = slot > 0 || t->kind == &transfer_put;
	struct place p  = at_dst ? place_at(&t->dst, j->item->dst) : place_at(&t->src, j->item->src);
	const char *why = local_error(t, j, slot, status);

	if (why && t->kind != &transfer_copy)
		transfer_fail(t, at_dst ? j->item->src : j->item->dst, "%s", why);
	else
		transfer_fail_status(t, &p, reply, status);
	j->failed = true;
	job_cancel(t, j);
}

static void
job_answered(struct transfer *t, struct job *j, unsigned slot, const struct api_got *got)
{
	uint64_t in_flight = json_u64_get(got->json, "in_flight");

	t->in_flight = in_flight > t->in_flight ? in_flight : t->in_flight;
	if (nt_is(got->status, STATUS_FILE_TOO_LARGE) && j->small && !j->failed &&
	    t->kind->again && t->kind->again(t, j))
		return;
	j->ok[slot]  = !nt_failed(got->status);
	if (nt_failed(got->status) && !j->failed)
		job_refused(t, j, slot, got->json, got->status);
	way_end(t->c, j->number + slot);
	if (j->ids[0] || j->ids[1])
		return;
	j->binary = SPAN(got->binary, got->n_binary);
	if (j->failed || !t->kind->next(t, j, got->json))
		job_end(t, j);
	j->binary = SPAN_NONE;
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

void
jobs_hear(struct transfer *t, struct api_got *got)
{
	struct job *j = got->id ? job_of(t, got->id) : NULL;
	unsigned slot;

	if (j && j->asking == got->id) {
		j->asking = 0;
		if (!nt_failed(got->status) && json_u64_get(got->json, "done") > j->done)
			j->done = json_u64_get(got->json, "done");
	} else if (j) {
		slot         = j->ids[0] != got->id;
		j->ids[slot] = 0;
		job_answered(t, j, slot, got);
	}
	api_got_free(got);
}

size_t
jobs_running(const struct transfer *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->jobs; i++)
		n += t->job[i].item != NULL;
	return n;
}
