/*
 * bulk.c - memory for payload: runs of slots in the arena that fsd shares, or
 * our own where none is shared.
 *
 * A connection may hold its share of the arena; what it wants beyond that waits
 * in worker->starved until its client has taken answers, and the connection is
 * not read meanwhile.  Where clients that take nothing have filled the arena, one
 * that holds nothing gets memory of our own, within bounds: they cost it a copy,
 * and cannot stop it.
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

/* Bytes that a connection may hold: a fair part, or one read of the usual size. */
static size_t
bulk_share(const struct worker *w, const struct arena *a)
{
	size_t part = (size_t)arena_slots(a) * ARENA_SLOT / (w->n_conns + 1);

	if (part < BULK_SHARE_MIN)
		part = BULK_SHARE_MIN;
	return part + ARENA_SLOT;	/* an encrypted WRITE lies there with its headers */
}

static bool
bulk_in_arena(struct conn *c, struct arena *a, size_t n, struct bulk *ret)
{
	size_t share = bulk_share(c->worker, a);
	uint32_t slot;
	void *p;

	if (c->held > share || n > share - c->held || nt_failed(arena_alloc(a, n, &slot)))
		return false;
	p = arena_at(a, slot, n);
	ENSURE(p != NULL);
	*ret = (struct bulk){ .p = p, .n = n, .slot = slot };
	return true;
}

/* What fits one slot is always had: there is one of these for each connection at most. */
static bool
bulk_spared(const struct conn *c, size_t n)
{
	size_t spent = c->worker->spared;

	return c->held == 0 && (n <= ARENA_SLOT ||
				   (spent <= BULK_SPARED_MAX && n <= BULK_SPARED_MAX - spent));
}

nt
bulk_alloc(struct conn *c, size_t n, struct bulk *ret)
{
	struct arena *a = c->worker->fsd ? link_arena(c->worker->fsd) : NULL;

	if (!a || n == 0)
		return bulk_alloc_private(n, ret);
	if (!bulk_in_arena(c, a, n, ret)) {
		REQUIRE(bulk_spared(c, n), STATUS_RETRY);
		TRY(bulk_alloc_private(n, ret));
		c->worker->spared += n;
	}
	ret->by = c;
	c->held += n;
	return STATUS_SUCCESS;
}

void
bulk_free(struct worker *w, struct bulk *b)
{
	struct arena *a = w->fsd ? link_arena(w->fsd) : NULL;

	if (b->by) {
		b->by->held -= b->n;
		w->spared -= b->slot == SLOT_NONE ? b->n : 0;
	}
	if (b->p && b->slot == SLOT_NONE)
		free(b->p);
	else if (b->p && a)
		arena_free(a, b->slot, b->n);
	*b = (struct bulk){ 0 };
}

bool
bulk_feed(struct worker *w)
{
	struct rq *rq, *next;
	bool fed = false;

	/* One that waits for its own client must not hold up the others. */
	for (rq = TAILQ_FIRST(&w->starved); rq; rq = next) {
		next = TAILQ_NEXT(rq, of_starved);
		fed |= rq_retry(rq);
	}
	return fed;
}
