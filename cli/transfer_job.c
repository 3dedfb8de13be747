/* transfer_job.c - what the kinds of transfer ask on behalf of a file under way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "cli/listing.h"
#include "cli/transfer.h"
#include "cli/way.h"

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

static bool
ask_with(struct transfer *t, struct job *j, unsigned slot, const struct place *p,
    const char *method, json_t *more, struct span payload)
{
	json_t *request = place_request(p, more);
	const char *why = "";
	char text[URL_TEXT];

	j->ids[slot] = api_send(t->c->api, method, request, payload, &why);
	json_decref(request);
	if (j->ids[slot] == 0)
		job_fail(t, j, place_print(p, text), why);
	return j->ids[slot] != 0;
}

bool
job_ask(struct transfer *t, struct job *j, unsigned slot, const struct place *p,
    const char *method, json_t *more)
{
	return ask_with(t, j, slot, p, method, more, SPAN_NONE);
}

bool
job_send(struct transfer *t, struct job *j, const struct place *p, const char *method,
    json_t *more, struct span payload)
{
	return ask_with(t, j, 0, p, method, more, payload);
}

bool
remote_directory(struct transfer *t, const struct place *p)
{
	json_t *reply   = NULL;
	const char *why = "";
	char text[URL_TEXT];
	bool made;
	nt status;

	if (!p->path[0])
		return true;
	if (!place_try(t->c, p, "client.mkdir", NULL, &reply, &status, &why)) {
		transfer_fail(t, place_print(p, text), "%s", why);
		return false;
	}
	made = !nt_failed(status) || place_is_directory(t->c, p);
	if (!made)
		transfer_fail_status(t, p, reply, status);
	json_decref(reply);
	return made;
}

bool
remote_is_there(struct transfer *t, const struct place *p)
{
	json_t *entry   = NULL;
	const char *why = "";
	nt status;
	bool answered = place_try(t->c, p, "client.stat", NULL, &entry, &status, &why);

	json_decref(entry);
	return !answered || !nt_is(status, STATUS_OBJECT_NAME_NOT_FOUND);
}

bool
job_lend(struct transfer *t, struct job *j, unsigned slot, int fd, json_t *request)
{
	const char *why = "";

	if (way_lend(t->c, j->number + slot, fd, request, &why))
		return true;
	json_decref(request);
	job_fail(t, j, j->item->src, why);
	return false;
}

bool
job_verify(struct transfer *t, struct job *j, const struct place *p, int stage)
{
	json_t *request = json_pack("{s:I}", "job", (json_int_t)j->number);
	int ends[2];
	bool lent;

	if (!relay_pipe(ends)) {
		json_decref(request);
		job_fail(t, j, j->item->src, strerror(errno));
		return false;
	}
	lent = job_lend(t, j, 0, ends[1], request);
	(void)close(ends[1]);
	j->relay  = xcalloc(1, sizeof *j->relay);
	*j->relay = (struct relay){ .from = ends[0], .to = -1, .hash = true };
	j->stage  = stage;
	if (!relay_start(j->relay)) {
		free(STEAL(j->relay));
		job_fail(t, j, j->item->src, strerror(errno));
		if (lent)
			json_decref(request);
		return false;
	}
	return lent && job_ask(t, j, 0, p, "client.get", request);
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
