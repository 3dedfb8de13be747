/* listing.c - getdents64 in large pieces, matched against the pattern. */
#include "fsd/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/dirindex.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "proto/fscc/wildcard.h"

#define LISTING_BUF 65536

enum stage { STAGE_DOT, STAGE_DOTDOT, STAGE_NAMES, STAGE_END };

struct listing {
	int fd;
	enum stage stage;
	bool exact;		/* no wildcard: one look-up instead of a walk */
	bool found;		/* something has matched since the start */
	bool has_entry;
	char pattern[NAME_WIRE];
	struct listing_entry entry;
	size_t at, n;
	char buf[LISTING_BUF];
};

void
listing_drop(struct listing *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}

static nt
listing_new(struct handle *h)
{
	int fd = openat(h->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return nt_from_errno(errno);
	h->listing     = xcalloc(1, sizeof *h->listing);
	h->listing->fd = fd;
	return STATUS_SUCCESS;
}

nt
listing_start(struct handle *h, const char *pattern, bool restart)
{
	bool fresh = !h->listing;
	struct listing *l;

	if (!fresh && !restart)
		return STATUS_SUCCESS;
	REQUIRE(strlen(pattern) < sizeof l->pattern, STATUS_OBJECT_NAME_INVALID);
	if (fresh)
		TRY(listing_new(h));
	l = h->listing;
	/* An empty pattern keeps the one before, or means everything. */
	if (*pattern || fresh)
		memcpy(l->pattern, *pattern ? pattern : "*", *pattern ? strlen(pattern) + 1 : 2);
	l->exact     = !wildcard_has(l->pattern);
	l->stage     = STAGE_DOT;
	l->found     = false;
	l->has_entry = false;
	l->at = l->n = 0;
	if (lseek(l->fd, 0, SEEK_SET) < 0)
		return nt_from_errno(errno);
	return STATUS_SUCCESS;
}

static bool
entry_set(struct listing *l, const char *disk, unsigned char type)
{
	size_t n = strlen(disk);

	if (n >= sizeof l->entry.disk)
		return false;
	memcpy(l->entry.disk, disk, n + 1);
	l->entry.type = type;
	/* "." and ".." end in a dot and are meant so. */
	if (l->stage == STAGE_NAMES)
		name_to_wire(disk, l->entry.wire);
	else
		memcpy(l->entry.wire, disk, n + 1);
	if (!wildcard_match(l->pattern, l->entry.wire))
		return false;
	l->has_entry = true;
	return true;
}

/* FIFOs, sockets and devices are not served and not shown. */
static bool
type_is_shown(unsigned char t)
{
	return t == DT_REG || t == DT_DIR || t == DT_LNK || t == DT_UNKNOWN;
}

/* The next name of the directory itself; false at its end. */
static bool
dirent_next(struct listing *l, const struct dirent64 **ret, nt *ret_status)
{
	const struct dirent64 *de;

	if (l->at >= l->n) {
		ssize_t n = getdents64(l->fd, l->buf, sizeof l->buf);

		if (n < 0)
			*ret_status = nt_from_errno(errno);
		if (n <= 0)
			return false;
		l->at = 0;
		l->n  = (size_t)n;
	}
	de = (const void *)(l->buf + l->at);
	l->at += de->d_reclen;
	*ret = de;
	return true;
}

static bool
names_next(struct listing *l, nt *ret_status)
{
	const struct dirent64 *de;

	while (dirent_next(l, &de, ret_status)) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (type_is_shown(de->d_type) && entry_set(l, de->d_name, de->d_type))
			return true;
	}
	l->stage = STAGE_END;
	return false;
}

/* A pattern that can match one name only does not walk a folder of ten thousand. */
static bool
exact_next(struct handle *h, nt *ret_status)
{
	struct listing *l = h->listing;
	char disk[NAME_DISK];
	nt s = dirindex_find(h->fsd->index, l->fd, l->pattern, disk);
	bool found;

	found    = nt_ok(s) && entry_set(l, disk, DT_UNKNOWN);
	l->stage = STAGE_END;
	if (nt_failed(s) && !nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND))
		*ret_status = s;
	return found;
}

bool
listing_peek(struct handle *h, const struct listing_entry **ret, nt *ret_status)
{
	struct listing *l = h->listing;

	*ret_status = STATUS_SUCCESS;
	*ret        = &l->entry;
	if (l->has_entry)
		return true;
	if (l->stage == STAGE_DOT && entry_set(l, ".", DT_DIR))
		return true;
	if (l->stage == STAGE_DOT)
		l->stage = STAGE_DOTDOT;
	if (l->stage == STAGE_DOTDOT && entry_set(l, "..", DT_DIR))
		return true;
	if (l->stage == STAGE_DOTDOT)
		l->stage = STAGE_NAMES;
	if (l->stage == STAGE_END)
		return false;
	return l->exact ? exact_next(h, ret_status) : names_next(l, ret_status);
}

void
listing_consume(struct handle *h)
{
	struct listing *l = h->listing;

	l->has_entry = false;
	if (l->stage < STAGE_NAMES)
		l->stage++;
}

int
listing_fd(const struct handle *h)
{
	return h->listing->fd;
}

bool
listing_found_any(const struct handle *h)
{
	return h->listing->found;
}

void
listing_found(struct handle *h)
{
	h->listing->found = true;
}
