/*
 * dispatch.c - a record has arrived: is this peer allowed to ask that now?
 *
 * Link, caller role, phase and size are checked before a handler sees a byte.
 * Requests of one chain run in order: while one is kept the next ones wait.
 */
#include "ipc/internal.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

static void chain_resume(struct link *, uint32_t id);

/* ---- chains ---- */

static struct chain *
chain_find(struct link *l, uint32_t id)
{
	struct chain *ch = l->chains;

	while (ch && ch->id != id)
		ch = ch->next;
	return ch;
}

static void
chain_drop(struct link *l, struct chain *ch)
{
	struct chain **at = &l->chains;
	struct chain_item *i;

	while (*at != ch)
		at = &(*at)->next;
	*at = ch->next;
	l->n_chains--;
	while ((i = ch->first)) {
		ch->first = i->next;
		free(i);
	}
	free(ch);
}

void
chains_drop(struct link *l)
{
	while (l->chains)
		chain_drop(l, l->chains);
}

/* A call of this chain was kept: what follows in the chain has to wait. */
static bool
chain_block(struct link *l, uint32_t id)
{
	struct chain *ch = chain_find(l, id);

	if (!ch) {
		if (l->n_chains >= IPC_CHAINS_MAX)
			return false;
		ch       = xcalloc(1, sizeof *ch);
		ch->id   = id;
		ch->last = &ch->first;
		ch->next = l->chains;
		l->chains = ch;
		l->n_chains++;
	}
	ch->busy = true;
	return true;
}

static bool
chain_queue(struct chain *ch, const struct ipc_rec *rec)
{
	struct chain_item *i;

	if (ch->waiting >= IPC_CHAIN_RUN)
		return false;
	i = malloc(sizeof *i + rec->body.n + rec->data.n);
	ENSURE(i != NULL);
	i->next = NULL;
	i->rec  = *rec;
	if (rec->body.n > 0)
		memcpy(i->b, rec->body.p, rec->body.n);
	if (rec->data.n > 0)
		memcpy(i->b + rec->body.n, rec->data.p, rec->data.n);
	i->rec.body = SPAN(i->b, rec->body.n);
	i->rec.data = SPAN(i->b + rec->body.n, rec->data.n);
	*ch->last   = i;
	ch->last    = &i->next;
	ch->waiting++;
	return true;
}

/* ---- answers ---- */

static void
call_send(struct call *c, nt status, struct span body, struct span data)
{
	struct ipc_rec rec = { .kind = IPC_REPLY, .id = c->id, .status = status, .body = body,
		.data = data, .data_n = (uint32_t)data.n };

	if (c->link) {
		rec.msg = c->method->desc->id;
		link_put(c->link, &rec, NULL);
	}
}

static void
call_release(struct call *c)
{
	struct scratch *s;

	while ((s = c->scratch)) {
		c->scratch = s->next;
		secret_wipe(s->b, s->wipe);
		free(s);
	}
	fds_close(&c->fds);
}

/* The handler answered by returning. */
void
call_answer(struct call *c, nt status, struct span body)
{
	call_send(c, status, body, c->out);
}

void
call_reply(struct call *c, nt status, struct span body, struct span data)
{
	struct link *l = c->link;
	uint32_t chain = c->chain;

	call_send(c, status, body, data);
	if (l) {
		if (c->prev)
			c->prev->next = c->next;
		else
			l->kept = c->next;
		if (c->next)
			c->next->prev = c->prev;
		l->n_kept--;
	}
	call_release(c);
	free(c);
	if (l && chain != 0)
		chain_resume(l, chain);
}

bool
call_is_kept(const struct call *c)
{
	return c->kept || c->moved;
}

/*
 * The call on dispatch's stack moves to the heap.  Its data frame is copied;
 * when there are too many, or the chain cannot wait, the caller's link is at
 * fault and the answer to this call is simply the last it gets.
 */
struct call *
call_keep(struct call *c)
{
	struct call *k = malloc(sizeof *k + c->data.n);

	ENSURE(k != NULL && !c->kept && c->link);
	*k = *c;
	if (c->data.n > 0)
		memcpy(k + 1, c->data.p, c->data.n);
	k->data = SPAN(k + 1, c->data.n);
	k->kept = true;
	k->prev = NULL;
	k->next = c->link->kept;
	if (k->next)
		k->next->prev = k;
	c->link->kept = k;
	c->link->n_kept++;
	c->moved   = k;
	c->scratch = NULL;
	c->fds.n   = 0;
	if (k->chain != 0 && !chain_block(c->link, k->chain))
		log_warn("too many chains wait role=%s", peer_role_name(c->link->role));
	return k;
}

struct link *
call_link(const struct call *c)
{
	return c->link;
}

uint64_t
call_id(const struct call *c)
{
	return c->id;
}

uint32_t
call_chain(const struct call *c)
{
	return c->chain;
}

struct span
call_data(const struct call *c)
{
	return c->data;
}

int
call_take_fd(struct call *c)
{
	return fds_take(&c->fds);
}

void
call_set_data(struct call *c, struct span data)
{
	c->out = data;
}

void *
call_scratch(struct call *c, size_t n)
{
	struct scratch *s = malloc(sizeof *s + n);

	ENSURE(s != NULL);
	/* Everybody's but fsd's may hold a key; fsd's is names and content, and there is much of it. */
	s->wipe	   = c->link->node->conf.role == PEER_FSD ? 0 : n;
	s->next    = c->scratch;
	c->scratch = s;
	return s->b;
}

/* ---- requests ---- */

static bool
once_used(struct link *l, const struct msg_desc *d)
{
	uint8_t bit = (uint8_t)(1u << (d->id % 8));

	if (!(d->phase & PHASE_ONCE))
		return false;
	if (l->once[d->id / 8] & bit)
		return true;
	l->once[d->id / 8] |= bit;
	return false;
}

/* STATUS_REQUEST_OUT_OF_SEQUENCE is our own slowness or theirs; the rest is nonsense. */
static nt
request_admit(struct link *l, const struct ipc_method *m)
{
	REQUIRE(m, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(m->desc->callers & (1u << l->role), STATUS_ACCESS_DENIED);
	REQUIRE(m->desc->phase & l->node->phase, STATUS_REQUEST_OUT_OF_SEQUENCE);
	REQUIRE(!once_used(l, m->desc), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

static void
request_run(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	bool intro                 = l->node->intro_by_id[rec->msg] != NULL;
	const struct ipc_method *m = intro ? l->node->intro_by_id[rec->msg]
					   : l->node->by_id[rec->msg];
	struct call c = { .link = l, .method = m, .id = rec->id, .chain = rec->chain,
		.data = rec->data };
	nt s = request_admit(l, m);

	if (fds) {
		c.fds  = *fds;
		fds->n = 0;
	}
	if (nt_is(s, STATUS_REQUEST_OUT_OF_SEQUENCE)) {
		call_answer(&c, s, SPAN_NONE);
	} else if (nt_failed(s)) {
		log_warn("refused a message role=%s peer=%llu msg=0x%04x status=%s",
		    peer_role_name(l->role), (unsigned long long)l->peer, rec->msg, nt_name(s));
		link_nonsense(l, "a message that it may not send");
	} else {
		m->serve(intro ? (void *)l->node : l->node->conf.me, &c, rec->body);
	}
	call_release(&c);
}

static void
request_arrived(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	struct chain *ch;

	if (l->n_kept >= IPC_CALLS_MAX) {
		link_nonsense(l, "too many requests");
		return;
	}
	ch = rec->chain ? chain_find(l, rec->chain) : NULL;
	if (!ch || !(ch->busy || ch->first)) {
		request_run(l, rec, fds);
		return;
	}
	if ((fds && fds->n > 0) || !chain_queue(ch, rec))
		link_nonsense(l, "a chain too long");
}

/* The kept call of a chain has been answered: run on until one is kept again. */
static void
chain_resume(struct link *l, uint32_t id)
{
	struct chain *ch = chain_find(l, id);
	struct chain_item *i;

	if (!ch)
		return;
	ch->busy = false;
	while (l->state != LINK_DEAD && !ch->busy && (i = ch->first)) {
		ch->first = i->next;
		if (!ch->first)
			ch->last = &ch->first;
		ch->waiting--;
		request_run(l, &i->rec, NULL);
		free(i);
	}
	if (l->state != LINK_DEAD && !ch->busy && !ch->first)
		chain_drop(l, ch);
}

static void
reply_arrived(struct link *l, const struct ipc_rec *rec)
{
	struct pending *p = pending_take(l, rec->id);
	struct pending t;

	if (!p)
		return;		/* it came too late for anybody */
	if (p->msg != rec->msg) {
		link_nonsense(l, "an answer to another question");
		return;
	}
	t = *p;
	pending_free(l->node, p);
	if (!t.timed_out)
		t.deliver(t.done, t.ctx, rec->status, rec->body, rec->data);
	else if (t.late)
		t.late(t.ctx);
}

void
dispatch(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	if (l->state != LINK_DEAD && rec->kind == IPC_REQUEST)
		request_arrived(l, rec, fds);
	else if (l->state != LINK_DEAD && rec->kind == IPC_REPLY)
		reply_arrived(l, rec);
	if (fds)
		fds_close(fds);
}
