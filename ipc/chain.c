/*
 * chain.c - requests of one chain run in order: while one is kept the next ones
 * wait, and run on when it has been answered.
 */
#include "ipc/internal.h"

#include <stdlib.h>

#include "base/fatal.h"

struct chain *
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
bool
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

bool
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

/* The kept call of a chain has been answered: run on until one is kept again. */
void
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
