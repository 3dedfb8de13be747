/*
 * bulk.c - memory for payload: runs of slots in the arena that the tree's fsd
 * shares, or our own where none is shared.
 *
 * A connection may hold its share of each arena; what it wants beyond that waits
 * in worker->starved until its client has taken answers, and the connection is
 * not read meanwhile.  Where no memory is shared it may have as much of ours.  Where clients that take nothing have filled the arena, one
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
bulk_share(const struct worker *w, size_t all)
{
	size_t part = all / (w->n_conns + 1);

	if (part < BULK_SHARE_MIN)
		part = BULK_SHARE_MIN;
	return part + ARENA_SLOT;	/* an encrypted WRITE lies there with its headers */
}

static bool
bulk_is_fair(const struct conn *c, uint8_t seat, size_t all, size_t n)
{
	size_t share = bulk_share(c->worker, all);

	return c->held[seat] <= share && n <= share - c->held[seat];
}

static bool
bulk_in_arena(struct conn *c, uint8_t seat, struct arena *a, size_t n, struct bulk *ret)
{
	uint32_t slot;
	void *p;

	if (!bulk_is_fair(c, seat, (size_t)arena_slots(a) * ARENA_SLOT, n) ||
	    nt_failed(arena_alloc(a, n, &slot)))
		return false;
	p = arena_at(a, slot, n);
	ENSURE(p != NULL);
	*ret = (struct bulk){ .p = p, .n = n, .slot = slot, .arena = arena_hold(a) };
	return true;
}

/* What fits one slot is always had: there is one of these for each connection and storage at most. */
static bool
bulk_spared(const struct conn *c, uint8_t seat, size_t n)
{
	size_t spent = c->worker->spared;

	return c->held[seat] == 0 &&
	       (n <= ARENA_SLOT || (spent <= BULK_SPARED_MAX && n <= BULK_SPARED_MAX - spent));
}

/* Nothing is shared (another machine's fsd), or all of it is in use. */
static bool
bulk_outside(struct conn *c, uint8_t seat, const struct arena *a, size_t n, struct bulk *ret)
{
	if (!bulk_spared(c, seat, n) && (a || !bulk_is_fair(c, seat, BULK_UNSHARED, n)))
		return false;
	if (nt_failed(bulk_alloc_private(n, ret)))
		return false;
	c->worker->spared += a ? n : 0;
	ret->spared = a != NULL;
	return true;
}

nt
bulk_alloc(struct conn *c, struct storage *at, size_t n, struct bulk *ret)
{
	struct arena *a = link_arena(at->link);

	if (n == 0)
		return bulk_alloc_private(n, ret);
	if (!(a && bulk_in_arena(c, at->seat, a, n, ret)) && !bulk_outside(c, at->seat, a, n, ret))
		return STATUS_RETRY;
	ret->by = c;
	ret->seat = at->seat;
	c->held[at->seat] += n;
	return STATUS_SUCCESS;
}

bool
bulk_suits(const struct bulk *b, const struct storage *at)
{
	return b->by && b->seat == at->seat && (!b->arena || b->arena == link_arena(at->link));
}

void
bulk_free(struct worker *w, struct bulk *b)
{
	if (b->by) {
		b->by->held[b->seat] -= b->n;
		w->spared -= b->spared ? b->n : 0;
	}
	if (b->p && b->slot == SLOT_NONE)
		free(b->p);
	else if (b->p)
		arena_free(b->arena, b->slot, b->n);
	arena_drop(b->arena);
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
