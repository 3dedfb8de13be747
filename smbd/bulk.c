/*
 * bulk.c - memory for payload: runs of slots in the arena that fsd shares, or
 * our own where none is shared.
 *
 * When the arena is full a request waits in worker->starved and its connection
 * is not read; whoever holds slots gets on without us (fsd answers, a client
 * reads, half a WRITE arrives, or stalls and is dropped), so this ends.
 * fsd is trusted more than we are: that it could change bytes between our MAC
 * and the socket harms nobody that it could not harm anyway.
 */
#include <stdlib.h>

#include "base/fatal.h"
#include "smbd/rq.h"

nt
bulk_alloc_private(size_t n, struct bulk *ret)
{
	uint8_t *p = malloc(n ? n : 1);

	REQUIRE(p, STATUS_INSUFFICIENT_RESOURCES);
	*ret = (struct bulk){ .p = p, .n = n, .slot = SLOT_NONE };
	return STATUS_SUCCESS;
}

nt
bulk_alloc(struct worker *w, size_t n, struct bulk *ret)
{
	struct arena *a = w->fsd ? link_arena(w->fsd) : NULL;
	uint32_t slot;
	void *p;

	if (!a || n == 0 || n > (size_t)arena_slots(a) * ARENA_SLOT)
		return bulk_alloc_private(n, ret);
	if (nt_failed(arena_alloc(a, n, &slot)))
		return STATUS_RETRY;
	p = arena_at(a, slot, n);
	ENSURE(p != NULL);
	*ret = (struct bulk){ .p = p, .n = n, .slot = slot };
	return STATUS_SUCCESS;
}

void
bulk_free(struct worker *w, struct bulk *b)
{
	struct arena *a = w->fsd ? link_arena(w->fsd) : NULL;

	if (b->p && b->slot == SLOT_NONE)
		free(b->p);
	else if (b->p && a)
		arena_free(a, b->slot, b->n);
	*b = (struct bulk){ 0 };
}

void
bulk_feed(struct worker *w)
{
	struct rq *rq;

	while ((rq = TAILQ_FIRST(&w->starved)) && rq_retry(rq))
		continue;
}
