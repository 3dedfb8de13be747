/*
 * link.c - one peer: its life, and what is to be sent to it.  What is awaited from
 * it is in pending.c, how bytes travel in channel.c and the lanes, what its bad
 * manners cost it in condemn.c.
 */
#include "ipc/internal.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"

struct link *
link_new(struct node *node, uint64_t peer, enum peer_role role, uint32_t uid, uint32_t pid)
{
	struct link *l = xcalloc(1, sizeof *l);

	l->node        = node;
	l->peer        = peer;
	l->role        = role;
	l->uid         = uid;
	l->pid         = pid;
	l->fd          = -1;
	l->frames_last = &l->frames;
	l->queue_last  = &l->queue;
	l->next        = node->links;
	node->links    = l;
	return l;
}

void
link_up(struct link *l, bool tell)
{
	const struct node_events *ev = l->node->conf.events;

	if (l->state != LINK_EXPECTED)
		return;
	l->state = LINK_UP;
	if (tell && ev && ev->peer_up)
		ev->peer_up(l->node->conf.me, l);
}

void
frames_drop(struct link *l)
{
	struct frame *f;

	while ((f = l->frames)) {
		l->frames = f->next;
		free(f);
	}
	l->frames_last = &l->frames;
}

static void
link_forget_kept(struct link *l)
{
	for (struct call *c = l->kept; c; c = c->next)
		c->link = NULL;
	l->kept   = NULL;
	l->n_kept = 0;
}

void
link_down(struct link *l)
{
	const struct node_events *ev = l->node->conf.events;
	bool was_up                  = l->state == LINK_UP;

	if (l->state == LINK_DEAD)
		return;
	l->state = LINK_DEAD;
	if (l->node->directory == l)
		l->node->directory = NULL;
	link_forget_kept(l);
	chains_drop(l);
	link_fail_pending(l);
	if (was_up && ev && ev->peer_down)
		ev->peer_down(l->node->conf.me, l);
}

/* Freed only between ticks: a handler may still hold the link it condemned. */
void
links_bury(struct node *node)
{
	struct link **at = &node->links, *l;

	while ((l = *at)) {
		if (l->state != LINK_DEAD) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		dealer_close(l);
		channel_close(l);
		lane_ring_close(l);
		arena_drop(l->arena);
		frames_drop(l);
		free(l->out);
		free(l);
	}
}

/* ---- what leaves at the end of a tick ---- */

void
link_mark_dirty(struct link *l)
{
	if (l->dirty)
		return;
	l->dirty       = true;
	l->next_dirty  = l->node->dirty;
	l->node->dirty = l;
}

void
link_room(struct link *l, size_t n)
{
	size_t cap = l->out_cap ? l->out_cap : 4096;
	uint8_t *more;

	while (cap - l->out_n < n)
		cap *= 2;
	if (cap == l->out_cap)
		return;
	more = xcalloc(1, cap);
	if (l->out_n > 0) {
		memcpy(more, l->out, l->out_n);
		secret_wipe(l->out, l->out_n); /* realloc() would leave it where it was */
	}
	free(l->out);
	l->out	   = more;
	l->out_cap = cap;
}

static void
link_put_frame(struct link *l, struct span data)
{
	struct frame *f = malloc(sizeof *f + data.n);

	ENSURE(f != NULL);
	f->next = NULL;
	f->n    = data.n;
	memcpy(f->b, data.p, data.n);
	*l->frames_last = f;
	l->frames_last  = &f->next;
}

/* Adds a record to what leaves at the end of this tick.  fds: only on a channel. */
void
link_put(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	size_t n = IPC_HDR + rec->body.n;
	struct wr w;

	if (l->state == LINK_DEAD) {
		if (fds)
			fds_close(fds);
		return;
	}
	if (l->lane == LANE_CHANNEL) {
		channel_send(l, rec, fds);
		return;
	}
	if (lane_ring_ready(l)) {
		lane_ring_put(l, rec);
		return;
	}
	if (l->out_n > 0 && n > IPC_BATCH_MAX - l->out_n)
		zmq_lane_send(l);
	link_room(l, n);
	w = wr_init(l->out + l->out_n, l->out_cap - l->out_n);
	rec_write(&w, rec);
	ENSURE(wr_ok(&w));
	l->out_n += w.pos;
	if (rec->data_n > 0)
		link_put_frame(l, rec->data);
	link_mark_dirty(l);
}

void
link_flush_all(struct node *node)
{
	struct link *l;

	while ((l = node->dirty)) {
		node->dirty = l->next_dirty;
		l->dirty    = false;
		if (l->state == LINK_DEAD || l->out_n == 0)
			continue;
		if (l->ring_tx)
			lane_ring_flush(l);
		else
			zmq_lane_send(l);
	}
}

/* ---- what others may know of it ---- */

uint64_t
link_peer(const struct link *l)
{
	return l->peer;
}

enum peer_role
link_role(const struct link *l)
{
	return l->role;
}

uint32_t
link_uid(const struct link *l)
{
	return l->uid;
}

const char *
link_storage(const struct link *l)
{
	return l->storage;
}

bool
link_returns(const struct link *l)
{
	return l->returns;
}

struct arena *
link_arena(struct link *l)
{
	return l->arena;
}

void
link_set_ctx(struct link *l, void *ctx)
{
	l->ctx = ctx;
}

void *
link_ctx(const struct link *l)
{
	return l->ctx;
}
