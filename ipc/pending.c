/*
 * pending.c - requests of ours: sent, awaited, and failed with their link.
 */
#include "ipc/internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"

static struct pending *
pending_new(struct node *node)
{
	struct pending *p = node->free_pending;

	if (p)
		node->free_pending = p->next;
	else
		p = xcalloc(1, sizeof *p);
	memset(p, 0, sizeof *p);
	return p;
}

void
pending_free(struct node *node, struct pending *p)
{
	loop_timer_clear(&p->timer);
	table_remove(node->calls, p->id);
	if (p->prev)
		p->prev->next = p->next;
	else
		p->link->pending = p->next;
	if (p->next)
		p->next->prev = p->prev;
	p->link->n_pending--;
	p->next            = node->free_pending;
	node->free_pending = p;
}

/* The request of ours that this link may answer, or NULL. */
struct pending *
pending_take(struct link *l, uint64_t id)
{
	struct pending *p = table_find(l->node->calls, id);

	return p && p->link == l ? p : NULL;
}

/* The late answer is awaited further: only it frees what the call lent. */
static void
pending_timeout(void *ctx)
{
	struct pending *p = ctx;
	struct pending t  = *p;

	p->timed_out = true;
	if (!p->late)
		pending_free(p->link->node, p);
	t.deliver(t.done, t.ctx, STATUS_IO_TIMEOUT, SPAN_NONE, SPAN_NONE);
}

/* Every pending call of a dead link fails now; one that had timed out is reaped. */
void
link_fail_pending(struct link *l)
{
	struct pending *p;

	while ((p = l->pending)) {
		struct pending t = *p;

		pending_free(l->node, p);
		if (!t.timed_out)
			t.deliver(t.done, t.ctx, STATUS_CONNECTION_RESET, SPAN_NONE, SPAN_NONE);
		else if (t.late)
			t.late(t.ctx);
	}
}

/* Copies, so that the caller may close its own at once. */
static struct fds
opt_fds(const struct call_opt *o)
{
	struct fds f = { 0 };

	if (o->has_fd)
		f.fd[f.n++] = dup(o->fd);
	for (size_t i = 0; i < o->n_more_fds; i++)
		f.fd[f.n++] = dup(o->more_fds[i]);
	return f;
}

nt
link_call(struct link *l, const struct msg_desc *d, struct span body, const struct call_opt *o,
    msg_deliver *deliver, msg_done *done, void *ctx, uint64_t *ret_id)
{
	static const struct call_opt none;
	struct ipc_rec rec = { .kind = IPC_REQUEST, .msg = d->id, .body = body };
	struct pending *p;
	struct fds fds;

	o = o ? o : &none;
	REQUIRE(l && l->state != LINK_DEAD, STATUS_CONNECTION_RESET);
	REQUIRE(l->n_pending < IPC_CALLS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(o->data.n <= MSG_DATA_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(!o->has_fd || l->lane == LANE_CHANNEL, STATUS_INVALID_PARAMETER);
	REQUIRE(o->n_more_fds < FDPASS_MAX, STATUS_INVALID_PARAMETER);
	p = pending_new(l->node);
	if (nt_failed(table_add(l->node->calls, p, &p->id))) {
		p->next               = l->node->free_pending;
		l->node->free_pending = p;
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	p->link    = l;
	p->msg     = d->id;
	p->deliver = deliver;
	p->done    = done;
	p->ctx     = ctx;
	p->late    = o->late;
	p->next    = l->pending;
	if (p->next)
		p->next->prev = p;
	l->pending = p;
	l->n_pending++;
	if (o->timeout_ms > 0)
		loop_timer_set(l->node->loop, &p->timer, o->timeout_ms, pending_timeout, p);
	if (ret_id)
		*ret_id = p->id;
	rec.id     = p->id;
	rec.chain  = o->chain;
	rec.data   = o->data;
	rec.data_n = (uint32_t)o->data.n;
	fds = opt_fds(o);
	link_put(l, &rec, &fds);
	return STATUS_SUCCESS;
}
