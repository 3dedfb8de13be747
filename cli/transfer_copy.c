/*
 * transfer_copy.c - from server to server.  On one server it copies by itself; else
 * the one session's get feeds the other's put through a pipe that we only make.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/transfer.h"

static bool
copy_there(struct transfer *t, struct job *j, const struct place *from, const struct place *to)
{
	return job_ask(t, j, 0, from, "client.copy", json_pack("{s:s, s:s, s:b, s:I}", "to_share",
	    to->share, "to", to->path, "replace", !t->no_clobber, "job", (json_int_t)j->number));
}

static bool
copy_across(struct transfer *t, struct job *j, const struct place *from, const struct place *to)
{
	char out[33], in[33];
	int ends[2];
	bool passed;

	if (!relay_pipe(ends)) {
		job_fail(t, j, j->item->src, strerror(errno));
		return false;
	}
	j->removable = !remote_is_there(t, to);
	passed       = job_pass(t, j, ends[1], out) && job_pass(t, j, ends[0], in);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return passed &&
	    job_ask(t, j, 0, from, "client.get", json_pack("{s:s, s:I}", "local", out, "job",
		(json_int_t)j->number)) &&
	    job_ask(t, j, 1, to, "client.put", json_pack("{s:s, s:i, s:I}", "local", in, "flags",
		t->no_clobber ? (int)MOVE_NEW : 0, "job", (json_int_t)j->number + 1));
}

static bool
copy_start(struct transfer *t, struct job *j)
{
	struct place from = place_at(&t->src, j->item->src), to = place_at(&t->dst, j->item->dst);

	return from.at == to.at ? copy_there(t, j, &from, &to) : copy_across(t, j, &from, &to);
}

static bool
copy_next(struct transfer *t, struct job *j, const json_t *answer)
{
	struct place to = place_at(&t->dst, j->item->dst);

	(void)answer;
	if (!t->preserve || j->stage > 0)
		return false;
	j->stage = 1;
	return job_ask(t, j, 0, &to, "client.times", json_pack("{s:I, s:I}", "written",
	    (json_int_t)j->item->written, "accessed", (json_int_t)j->item->accessed));
}

/* A put cannot tell the end of a pipe from a get that failed: then what it made is no file. */
static void
copy_finish(struct transfer *t, struct job *j)
{
	struct place to = place_at(&t->dst, j->item->dst);
	json_t *reply   = NULL;
	const char *why;
	nt status;

	if (!j->failed || j->stage > 0 || !(j->ok[1] || j->removable))
		return;
	(void)place_try(t->c, &to, "client.rm", NULL, &reply, &status, &why);
	json_decref(reply);
}

static bool
copy_directory(struct transfer *t, const struct item *it)
{
	struct place to = place_at(&t->dst, it->dst);

	return remote_directory(t, &to);
}

const struct transfer_kind transfer_copy = {
	"cp", copy_directory, copy_start, copy_next, NULL, copy_finish, NULL,
};
