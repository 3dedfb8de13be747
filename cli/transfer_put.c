/* transfer_put.c - from here to a server. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/transfer.h"
#include "cli/values.h"

/*
 * How far behind the end of what is on the server there may still be holes: more than
 * a session process has under way at a time.
 */
#define WINDOW (64u * 1024 * 1024)

#define LARGE (1024u * 1024)	/* worth the question whether it is there already */

#define CLOSE_NS 2000000000	/* times that are kept by file systems of 2 s */

enum stage { STAGE_MOVED, STAGE_VERIFIED, STAGE_TIMES };

static bool
open_source(struct transfer *t, struct job *j)
{
	struct stat st;

	j->file = open(j->item->src, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (j->file >= 0 && fstat(j->file, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	job_fail(t, j, j->item->src, j->file < 0 ? strerror(errno) : "not a regular file");
	return false;
}

/* What is on the server already.  True: all of it, and unchanged since. */
static bool
find_rest(struct transfer *t, struct job *j, const struct place *to)
{
	json_t *entry   = NULL;
	const char *why = "";
	uint64_t there;
	int64_t apart;
	nt status;

	if (!place_try(t->c, to, "client.stat", NULL, &entry, &status, &why))
		return false;
	there = nt_failed(status) ? 0 : json_u64_get(entry, "size");
	apart = (int64_t)json_u64_get(entry, "written") - j->item->written;
	json_decref(entry);
	if (there > j->item->size)
		there = 0;
	j->offset = there > WINDOW ? (there - WINDOW) / WINDOW * WINDOW : 0;
	return t->preserve && there > 0 && there == j->item->size && apart < CLOSE_NS &&
	    apart > -CLOSE_NS;
}

static bool
put_start(struct transfer *t, struct job *j)
{
	struct place to = place_at(&t->dst, j->item->dst);
	unsigned flags  = t->no_clobber ? MOVE_NEW : 0;
	uint8_t buf[SMALL_MAX + 1];
	struct span all;
	json_t *more;

	if (!open_source(t, j))
		return false;
	if (t->resume && find_rest(t, j, &to)) {
		j->skipped = true;
		return false;
	}
	j->removable = !t->resume && j->item->size > LARGE && !remote_is_there(t, &to);
	flags |= j->offset > 0 ? MOVE_RESUME : 0;
	if (!t->resume && !t->no_clobber && !t->in_place && j->item->size > SMALL_MAX)
		flags |= MOVE_WHOLE;	/* half of it is never seen */
	t->progress.resumed += j->offset;
	more = json_pack("{s:I, s:i, s:I}", "offset", (json_int_t)j->offset, "flags", (int)flags,
	    "job", (json_int_t)j->number);
	if (j->offset == 0 && j->item->size <= SMALL_MAX && small_read(j, buf, &all))
		return job_send(t, j, &to, "client.put", more, all);
	return job_lend(t, j, 0, j->file, more) && job_ask(t, j, 0, &to, "client.put", more);
}

static bool
put_next(struct transfer *t, struct job *j, const json_t *answer)
{
	struct place to = place_at(&t->dst, j->item->dst);

	(void)answer;
	if (j->stage == STAGE_MOVED && t->checksum)
		return job_verify(t, j, &to, STAGE_VERIFIED);
	if (j->stage == STAGE_VERIFIED)
		job_verified(t, j, &to);
	if (j->stage == STAGE_TIMES || j->failed || !t->preserve)
		return false;
	j->stage = STAGE_TIMES;
	return job_ask(t, j, 0, &to, "client.times", json_pack("{s:I, s:I}", "written",
	    (json_int_t)j->item->written, "accessed", (json_int_t)j->item->accessed));
}

static void
put_finish(struct transfer *t, struct job *j)
{
	struct place to = place_at(&t->dst, j->item->dst);
	json_t *reply   = NULL;
	const char *why;
	nt status;

	if (!j->failed || !j->removable || !t->interrupted || j->stage != STAGE_MOVED)
		return;
	(void)place_try(t->c, &to, "client.rm", NULL, &reply, &status, &why);
	json_decref(reply);
}

static bool
put_directory(struct transfer *t, const struct item *it)
{
	struct place to = place_at(&t->dst, it->dst);

	return remote_directory(t, &to);
}

static void
put_settle(struct transfer *t, const struct item *it)
{
	struct place to = place_at(&t->dst, it->dst);
	json_t *reply   = NULL;
	const char *why = "";
	nt status;

	if (!t->preserve || !to.path[0])
		return;
	if (!place_try(t->c, &to, "client.times", json_pack("{s:I, s:I}", "written",
	    (json_int_t)it->written, "accessed", (json_int_t)it->accessed), &reply, &status, &why))
		transfer_fail(t, it->dst, "%s", why);
	else if (nt_failed(status))
		transfer_fail_status(t, &to, reply, status);
	json_decref(reply);
}

const struct transfer_kind transfer_put = {
	"put", put_directory, put_start, put_next, NULL, put_finish, put_settle,
};
