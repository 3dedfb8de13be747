/*
 * call.c - a request of theirs, in a handler's hands: what it may ask of it, keep of
 * it, and answer.
 */
#include "ipc/internal.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

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

void
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

/* ---- what a handler may know of it ---- */

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
