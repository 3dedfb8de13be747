/*
 * table.c - slots with generations and a free list.  Generations start at
 * random and grow with each reuse, so a stale id finds nothing for 2^32 reuses
 * of its slot.
 */
#include "base/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"

#define SLOTS_FIRST 16u
#define NO_SLOT	    UINT32_MAX

struct slot {
	void *obj; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct table {
	struct slot *slots;
	uint32_t size; /* allocated */
	uint32_t max;
	uint32_t count;
	uint32_t free; /* head of the free list */
};

struct table *
table_new(uint32_t max)
{
	struct table *t = xcalloc(1, sizeof *t);

	ENSURE(max > 0 && max <= INT32_MAX);
	t->max	= max;
	t->free = NO_SLOT;
	return t;
}

void
table_drop(struct table *t)
{
	if (!t)
		return;
	free(t->slots);
	free(t);
}

/* Doubles the slots up to max.  False if there is no memory or no room. */
static bool
table_grow(struct table *t)
{
	uint32_t size = t->size == 0 ? SLOTS_FIRST : t->size * 2;
	struct slot *slots;

	if (t->size >= t->max)
		return false;
	if (size > t->max)
		size = t->max;
	slots = reallocarray(t->slots, size, sizeof *slots);
	if (!slots)
		return false;
	/* Linked backwards, so that low indices are handed out first. */
	for (uint32_t i = size; i-- > t->size;) {
		slots[i] =
		    (struct slot){ .generation = (uint32_t)random_u64(), .next_free = t->free };
		t->free = i;
	}
	t->slots = slots;
	t->size	 = size;
	return true;
}

static uint64_t
slot_id(const struct table *t, uint32_t index)
{
	return (uint64_t)t->slots[index].generation << 32 | (index + 1);
}

nt
table_add(struct table *t, void *obj, uint64_t *ret_id)
{
	struct slot *s;
	uint32_t index;

	ENSURE(obj != NULL);
	if (t->free == NO_SLOT && !table_grow(t))
		return STATUS_INSUFFICIENT_RESOURCES;
	index	= t->free;
	s	= &t->slots[index];
	t->free = s->next_free;
	s->obj	= obj;
	t->count++;
	*ret_id = slot_id(t, index);
	return STATUS_SUCCESS;
}

static struct slot *
slot_find(const struct table *t, uint64_t id)
{
	uint32_t index = (uint32_t)id - 1; /* 0 wraps to a refused index */

	if (index >= t->size || !t->slots[index].obj || slot_id(t, index) != id)
		return NULL;
	return &t->slots[index];
}

void *
table_find(const struct table *t, uint64_t id)
{
	struct slot *s = slot_find(t, id);

	return s ? s->obj : NULL;
}

void *
table_remove(struct table *t, uint64_t id)
{
	struct slot *s = slot_find(t, id);
	void *obj;

	if (!s)
		return NULL;
	obj    = s->obj;
	s->obj = NULL;
	s->generation++;
	s->next_free = t->free;
	t->free	     = (uint32_t)(s - t->slots);
	t->count--;
	return obj;
}

uint32_t
table_count(const struct table *t)
{
	return t->count;
}

void *
table_next(const struct table *t, uint32_t *pos, uint64_t *ret_id)
{
	while (*pos < t->size) {
		uint32_t index = (*pos)++;

		if (!t->slots[index].obj)
			continue;
		if (ret_id)
			*ret_id = slot_id(t, index);
		return t->slots[index].obj;
	}
	return NULL;
}
