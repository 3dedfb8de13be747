/*
 * seen.h - the names a listing has had: a set of keyed 64-bit hashes, so that a
 * server that repeats itself, or never ends, is noticed in bounded memory.
 */
#ifndef CLIENTD_SESSION_SEEN_H
#define CLIENTD_SESSION_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

#define SEEN_MAX (4u * 1024 * 1024)	/* names of one listing: 64 MiB at the worst */

struct seen {
	uint64_t key;
	uint64_t *slots;	/* 0: free */
	size_t n, cap;
};

/* STATUS_OBJECT_NAME_COLLISION: it was there.  STATUS_INSUFFICIENT_RESOURCES: SEEN_MAX. */
nt seen_add(struct seen *, const char *name) MUST_USE;
void seen_drop(struct seen *);

#endif
