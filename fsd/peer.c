/* peer.c - per worker: compounds, waiting calls, and the end of it all. */
#include "fsd/peer.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "fsd/pool.h"
#include "fsd/tree.h"

struct peer *
peer_of(struct call *c)
{
	struct link *l = call_link(c);
	struct peer *p = link_ctx(l);

	if (!p) {
		p       = xcalloc(1, sizeof *p);
		p->link = l;
		p->id   = link_peer(l);
		link_set_ctx(l, p);
	}
	return p;
}

/*
 * The pool is waited for: a thread may be reading into the arena, which is
 * unmapped when we return.
 */
void
peer_gone(struct fsd *me, struct link *l)
{
	struct peer *p = link_ctx(l);
	struct grant *g;

	if (p) {
		pool_drain(me->pool, p);
		p->link = NULL;
		waits_end(me, p, NULL, STATUS_CONNECTION_RESET);
		while (p->trees)
			tree_drop(me, p->trees);
		link_set_ctx(l, NULL);
		free(p);
	}
	/* What the store has granted, a connection that was lost does not take back. */
	while (!link_returns(l) && (g = grant_of_worker(me->grants, link_peer(l))) != NULL)
		grant_end(me->grants, g);
}

/* ---- calls that wait ---- */

void
wait_begin(struct wait *w, struct call *c, struct handle *h,
    void (*end)(struct fsd *, struct wait *, nt status))
{
	w->peer   = peer_of(c);
	w->id     = call_id(c);
	w->call   = call_keep(c);
	w->handle = h;
	w->end    = end;
	w->next   = w->peer->waits;
	w->at     = &w->peer->waits;
	if (w->next)
		w->next->at = &w->next;
	w->peer->waits = w;
}

void
wait_unlink(struct wait *w)
{
	if (!w->at)
		return;
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	w->at = NULL;
}

struct wait *
wait_find(struct peer *p, uint64_t id)
{
	for (struct wait *w = p->waits; w; w = w->next)
		if (w->id == id)
			return w;
	return NULL;
}

/* From the start after each: end() may take others with it. */
void
waits_end(struct fsd *me, struct peer *p, const struct handle *h, nt status)
{
	struct wait *w = p->waits;

	while (w) {
		if (h && w->handle != h) {
			w = w->next;
			continue;
		}
		w->end(me, w, status);
		w = p->waits;
	}
}

/* ---- compounds ---- */

void
chain_opened(struct peer *p, uint32_t chain, nt status, uint64_t file)
{
	if (chain != 0)
		p->chains[chain % PEER_CHAINS] = (struct chain_file){ chain, status, file };
}

nt
chain_file(const struct peer *p, uint32_t chain, uint64_t *ret)
{
	const struct chain_file *f = &p->chains[chain % PEER_CHAINS];

	REQUIRE(chain != 0 && f->chain == chain, STATUS_FILE_CLOSED);
	TRY(f->status);
	*ret = f->file;
	return STATUS_SUCCESS;
}
