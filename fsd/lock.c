/* lock.c - the table of byte-range locks. */
#include "fsd/lock.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "fsd/file.h"

nt
lock_check_range(uint64_t offset, uint64_t length)
{
	REQUIRE(length == 0 || length - 1 <= UINT64_MAX - offset, STATUS_INVALID_LOCK_RANGE);
	return STATUS_SUCCESS;
}

/*
 * An empty range overlaps what lies on both sides of it.  Ends may be 2^64, so
 * distances are compared.  [MS-FSA] 2.1.4.10
 */
static bool
overlaps(const struct lock *l, uint64_t offset, uint64_t length)
{
	if (l->length != 0 && l->offset == offset && l->length == length)
		return true;
	if (offset >= l->offset)
		return offset - l->offset < l->length && (length > 0 || offset > l->offset);
	return l->offset - offset < length;
}

/* A shared lock may be laid over an exclusive one of the same open. */
static bool
refuses(const struct lock *l, const struct handle *h, bool exclusive)
{
	if (!l->exclusive)
		return exclusive;
	return exclusive || l->handle != h;
}

nt
lock_add(struct file *f, const struct handle *h, uint64_t offset, uint64_t length, bool exclusive)
{
	struct lock *l;

	for (l = f->locks; l; l = l->next)
		if (refuses(l, h, exclusive) && overlaps(l, offset, length))
			return STATUS_LOCK_NOT_GRANTED;
	l        = xcalloc(1, sizeof *l);
	*l       = (struct lock){ f->locks, h, offset, length, exclusive };
	f->locks = l;
	return STATUS_SUCCESS;
}

void
lock_undo(struct file *f)
{
	struct lock *l = f->locks;

	ENSURE(l);
	f->locks = l->next;
	free(l);
}

static struct lock **
lock_at(struct file *f, const struct handle *h, uint64_t offset, uint64_t length, bool exclusive)
{
	struct lock **at = &f->locks;

	while (*at && ((*at)->handle != h || (*at)->offset != offset || (*at)->length != length ||
			  (*at)->exclusive != exclusive))
		at = &(*at)->next;
	return at;
}

nt
lock_remove(struct file *f, const struct handle *h, uint64_t offset, uint64_t length)
{
	struct lock **at = lock_at(f, h, offset, length, true);
	struct lock *l;

	if (!*at)
		at = lock_at(f, h, offset, length, false);
	REQUIRE(*at, STATUS_RANGE_NOT_LOCKED);
	l   = *at;
	*at = l->next;
	free(l);
	return STATUS_SUCCESS;
}

void
locks_release(struct file *f, const struct handle *h)
{
	struct lock **at = &f->locks;

	while (*at) {
		struct lock *l = *at;

		if (l->handle != h) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		free(l);
	}
}

/* Own exclusive locks are in nobody's way; own shared ones forbid writing to oneself too. */
nt
lock_check_io(const struct file *f, const struct handle *h, uint64_t offset, uint64_t length,
    bool write)
{
	if (length == 0)
		return STATUS_SUCCESS;
	for (const struct lock *l = f->locks; l; l = l->next) {
		bool in_the_way = l->exclusive ? l->handle != h : write;

		if (in_the_way && overlaps(l, offset, length))
			return STATUS_FILE_LOCK_CONFLICT;
	}
	return STATUS_SUCCESS;
}

uint32_t
locks_of(const struct file *f, const struct handle *h)
{
	uint32_t n = 0;

	for (const struct lock *l = f->locks; l; l = l->next)
		n += l->handle == h;
	return n;
}
