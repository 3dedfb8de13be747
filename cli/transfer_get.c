/*
 * transfer_get.c - from a server to here.  A file gets its name when it is whole;
 * until then it has another one in the same directory, which --resume finds again.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/localfs.h"
#include "cli/transfer.h"
#include "cli/values.h"

#define BLOCK 65536

enum stage { STAGE_MOVED, STAGE_VERIFIED };

/* Of this version of this file: another one must not go on with it.  FNV-1a. */
static uint64_t
version_of(const struct item *it)
{
	uint64_t parts[] = { it->size, (uint64_t)it->written }, h = 0xcbf29ce484222325u;
	const uint8_t *p = (const uint8_t *)parts;

	for (const char *s = it->src; *s; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
	for (size_t i = 0; i < sizeof parts; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

static bool
open_temp(struct transfer *t, struct job *j)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;

	if (t->resume)
		(void)snprintf(j->temp, sizeof j->temp, ".bulkhead-%016" PRIx64 ".part",
		    version_of(j->item));
	else
		(void)snprintf(j->temp, sizeof j->temp, ".bulkhead-%016" PRIx64 ".new",
		    random_u64());
	j->file = openat(j->dir, j->temp, t->resume ? flags : flags | O_EXCL, 0666);
	if (j->file >= 0 && flock(j->file, LOCK_EX | LOCK_NB) < 0)
		errno = EBUSY;
	else if (j->file >= 0)
		return true;
	job_fail(t, j, j->item->dst, strerror(errno));
	j->temp[0] = '\0';	/* somebody else's */
	return false;
}

/* The last piece is always fetched again, so that something is asked and answered. */
static uint64_t
resume_at(const struct job *j)
{
	uint64_t there = local_surely_written(j->file), size = j->item->size;

	if (there < size || size == 0)
		return there < size ? there : 0;
	return (size - 1) / BLOCK * BLOCK;
}

/* What stands under the name already, if a file must not take its place. */
static const char *
in_the_way(int dir, const char *leaf)
{
	struct stat st;

	if (fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISREG(st.st_mode) ||
	    S_ISLNK(st.st_mode))
		return NULL;
	return S_ISDIR(st.st_mode) ? strerror(EISDIR) : "not a regular file";
}

static bool
get_ask(struct transfer *t, struct job *j)
{
	struct place from = place_at(&t->src, j->item->src);
	bool hash         = t->checksum && j->offset == 0;
	json_t *more      = json_pack("{s:I, s:i, s:I}", "offset", (json_int_t)j->offset, "flags",
	    hash ? (int)MOVE_HASH : 0, "job", (json_int_t)j->number);

	return (j->small || job_lend(t, j, 0, j->file, more)) &&
	    job_ask(t, j, 0, &from, "client.get", more);
}

static bool
get_again(struct transfer *t, struct job *j)
{
	j->small = false;
	return get_ask(t, j);
}

static bool
get_start(struct transfer *t, struct job *j)
{
	const struct item *it = j->item;
	char dir[PATH_MAX];
	const char *leaf = local_split(it->dst, dir, sizeof dir), *wrong;
	struct stat st;

	j->dir = leaf ? local_directory(t->root, dir, true) : -1;
	if (j->dir < 0) {
		job_fail(t, j, it->dst, leaf ? strerror(errno) : "the name is too long");
		return false;
	}
	if (t->no_clobber && fstatat(j->dir, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		j->skipped = true;
		return false;
	}
	wrong = in_the_way(j->dir, leaf);
	if (wrong) {
		job_fail(t, j, it->dst, wrong);
		return false;
	}
	if (!open_temp(t, j))
		return false;
	j->offset = t->resume ? resume_at(j) : 0;
	j->small  = j->offset == 0 && it->size <= SMALL_MAX;
	t->progress.resumed += j->offset;
	return get_ask(t, j);
}

/* What the server sent against what can be read here. */
static void
compare_digest(struct transfer *t, struct job *j, const char *theirs)
{
	char ours[2 * DIGEST_BYTES + 1];
	uint8_t digest[DIGEST_BYTES];

	if (digest_file(j->file, digest) && strcmp(digest_print(digest, ours), theirs) == 0)
		return;
	job_fail(t, j, j->item->dst, "the checksums of the two sides differ");
	j->worthless = true;
}

static bool
get_next(struct transfer *t, struct job *j, const json_t *answer)
{
	struct place from = place_at(&t->src, j->item->src);
	uint64_t size     = json_u64_get(answer, "size");
	struct stat st;

	if (j->stage == STAGE_VERIFIED) {
		job_verified(t, j, &from);
		return false;
	}
	if (j->small && !small_write(t, j, size))
		return false;
	if (ftruncate(j->file, (off_t)size) < 0 || fstat(j->file, &st) < 0) {
		job_fail(t, j, j->item->dst, strerror(errno));
		return false;
	}
	if (t->checksum && j->offset > 0)
		return job_verify(t, j, &from, STAGE_VERIFIED);
	if (t->checksum)
		compare_digest(t, j, json_str_get(answer, "hash"));
	return false;
}

static void
get_finish(struct transfer *t, struct job *j)
{
	const char *leaf = path_leaf(j->item->dst);

	if (j->temp[0] == '\0')
		return;
	if (!j->failed && t->preserve)
		local_set_times(j->file, j->item->accessed, j->item->written);
	if (!j->failed && renameat2(j->dir, j->temp, j->dir, leaf,
	    t->no_clobber ? RENAME_NOREPLACE : 0) == 0)
		return;
	if (!j->failed)
		job_fail(t, j, j->item->dst, strerror(errno));
	if (!t->resume || j->worthless)
		(void)unlinkat(j->dir, j->temp, 0);
}

static bool
get_directory(struct transfer *t, const struct item *it)
{
	int fd = local_directory(t->root, it->dst, true);

	if (fd < 0) {
		transfer_fail(t, it->dst, "%s", strerror(errno));
		return false;
	}
	(void)close(fd);
	return true;
}

static void
get_settle(struct transfer *t, const struct item *it)
{
	json_t *entry = NULL;
	int fd        = -1;
	struct place p = place_at(&t->src, it->src);
	const char *why;
	nt status;

	if (!t->preserve || !place_try(t->c, &p, "client.stat", NULL, &entry, &status, &why))
		return;
	if (!nt_failed(status))
		fd = local_directory(t->root, it->dst, false);
	if (fd >= 0) {
		local_set_times(fd, (int64_t)json_u64_get(entry, "accessed"),
		    (int64_t)json_u64_get(entry, "written"));
		(void)close(fd);
	}
	json_decref(entry);
}

const struct transfer_kind transfer_get = {
	"get", get_directory, get_start, get_next, get_again, get_finish, get_settle,
};
