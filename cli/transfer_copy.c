/*
 * transfer_copy.c - from server to server.  On one server it copies by itself; else
 * the one session's get feeds the other's put through a pipe that we only make.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf16.h"
#include "cli/transfer.h"
#include "cli/values.h"

#define LARGE (1024u * 1024)	/* worth the question whether it is there already */

static bool
refuse_itself(struct transfer *t, struct job *j, const struct place *to)
{
	char text[URL_TEXT];

	job_fail(t, j, place_print(to, text), "it is the same file");
	return false;
}

/*
 * One server may have been named in two ways, and one directory be in two shares: writing would
 * empty the file before it is read.
 */
static bool
is_itself(struct transfer *t, const struct place *from, const struct place *to)
{
	static const char *const keys[] = { "file_id", "created", "changed", "size" };
	json_t *a = NULL, *b = NULL;
	const char *why;
	bool same, answered;
	nt sa, sb;

	answered = place_try(t->c, to, "client.stat", NULL, &b, &sb, &why) && !nt_failed(sb) &&
	    place_try(t->c, from, "client.stat", NULL, &a, &sa, &why) && !nt_failed(sa);
	same     = answered && json_u64_get(a, "file_id") != 0;
	for (size_t i = 0; same && i < NELEM(keys); i++)
		same = json_u64_get(a, keys[i]) == json_u64_get(b, keys[i]);
	json_decref(a);
	json_decref(b);
	return same;
}

static bool
copy_there(struct transfer *t, struct job *j, const struct place *from, const struct place *to)
{
	if (utf8_casecmp(from->share, to->share) == 0 && utf8_casecmp(from->path, to->path) == 0)
		return refuse_itself(t, j, to);
	j->removable = j->item->size > LARGE && !remote_is_there(t, to);
	return job_ask(t, j, 0, from, "client.copy", json_pack("{s:s, s:s, s:b, s:I}", "to_share",
	    to->share, "to", to->path, "replace", !t->no_clobber, "job", (json_int_t)j->number));
}

static bool
ask_lent(struct transfer *t, struct job *j, unsigned slot, const struct place *p, int fd,
    const char *method, json_t *request)
{
	return job_lend(t, j, slot, fd, request) && job_ask(t, j, slot, p, method, request);
}

static bool
ask_both(struct transfer *t, struct job *j, const struct place *from, const struct place *to,
    const int ends[2])
{
	json_t *get = json_pack("{s:I}", "job", (json_int_t)j->number);
	json_t *put = json_pack("{s:i, s:I}", "flags", t->no_clobber ? (int)MOVE_NEW : 0, "job",
	    (json_int_t)j->number + 1);

	if (ask_lent(t, j, 0, from, ends[1], "client.get", get))
		return ask_lent(t, j, 1, to, ends[0], "client.put", put);
	json_decref(put);
	return false;
}

static bool
copy_across(struct transfer *t, struct job *j, const struct place *from, const struct place *to)
{
	int ends[2];
	bool asked;

	j->removable = !remote_is_there(t, to);
	if (!j->removable && is_itself(t, from, to))
		return refuse_itself(t, j, to);
	if (!relay_pipe(ends)) {
		job_fail(t, j, j->item->src, strerror(errno));
		return false;
	}
	asked = ask_both(t, j, from, to, ends);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return asked;
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
