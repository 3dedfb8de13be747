/*
 * table.h - a bounded handle table: unguessable-enough ids to objects, O(1).
 *
 * An id is (generation << 32 | index + 1): a stale one finds nothing.  The
 * table owns no objects.  Iteration tolerates removal of the current entry.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

struct table;

/* max: the most entries it will ever hold (1 to 2^31-1); memory grows as needed. */
struct table *table_new(uint32_t max);
void table_drop(struct table *);		/* NULL is fine */

/* STATUS_INSUFFICIENT_RESOURCES when full.  obj must not be NULL. */
nt table_add(struct table *, void *obj, uint64_t *ret_id) MUST_USE;
void *table_find(const struct table *, uint64_t id);	/* NULL if unknown or stale */
void *table_remove(struct table *, uint64_t id);	/* the object, or NULL */
uint32_t table_count(const struct table *);
/* Walk: start with *pos = 0; returns NULL at the end.  ret_id may be NULL. */
void *table_next(const struct table *, uint32_t *pos, uint64_t *ret_id);

#endif
