/*
 * idmap.h - numbers that others chose to pointers: session ids of the store,
 * file numbers of fsd.  (base/table.h is for numbers that we choose.)  Open
 * addressing over a power of two; the hash is keyed, so nobody can aim at it.
 */
#ifndef SMBD_IDMAP_H
#define SMBD_IDMAP_H

#include <stdint.h>

#include "base/nt.h"

struct idmap_row {
	uint64_t id;
	void *obj;		/* NULL: free */
};

/* Zeroed is an empty one. */
struct idmap {
	struct idmap_row *rows;
	uint32_t size, count;
	uint64_t key;
};

/* STATUS_INSUFFICIENT_RESOURCES without memory; an id that is there is replaced. */
nt idmap_put(struct idmap *, uint64_t id, void *obj) MUST_USE;
void *idmap_find(const struct idmap *, uint64_t id);
void *idmap_remove(struct idmap *, uint64_t id);
/* Walk, with *pos = 0 first; no changes meanwhile.  NULL at the end. */
void *idmap_next(const struct idmap *, uint32_t *pos);
void idmap_drop(struct idmap *);

#endif
