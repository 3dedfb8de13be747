/*
 * context.c - a hash table by id and a list by age.  Ids are random, so their
 * low bits spread.
 */
#include "authd/store/context.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/fatal.h"

#define BUCKETS 4096u

struct entry {
	LIST_ENTRY(entry) chain;
	TAILQ_ENTRY(entry) age;
	struct context c;
};

struct contexts {
	uint32_t count, max;
	LIST_HEAD(, entry) buckets[BUCKETS];
	TAILQ_HEAD(, entry) ages; /* oldest first */
};

struct contexts *
contexts_new(uint32_t max)
{
	struct contexts *t = xcalloc(1, sizeof *t);

	ENSURE(max > 0);
	t->max = max;
	TAILQ_INIT(&t->ages);
	return t;
}

static void
entry_drop(struct contexts *t, struct entry *e)
{
	LIST_REMOVE(e, chain);
	TAILQ_REMOVE(&t->ages, e, age);
	t->count--;
	free(e);
}

void
contexts_drop(struct contexts *t)
{
	struct entry *e;

	if (!t)
		return;
	while ((e = TAILQ_FIRST(&t->ages)))
		entry_drop(t, e);
	free(t);
}

static struct entry *
entry_find(const struct contexts *t, uint64_t id)
{
	struct entry *e;

	LIST_FOREACH(e, &t->buckets[id % BUCKETS], chain)
		if (e->c.id == id)
			return e;
	return NULL;
}

/* The oldest of this peer goes once it holds its share. */
static void
peer_trim(struct contexts *t, uint64_t peer, uint32_t per_peer)
{
	struct entry *e, *oldest = NULL;
	uint32_t n = 0;

	TAILQ_FOREACH(e, &t->ages, age) {
		if (e->c.peer != peer)
			continue;
		if (!oldest)
			oldest = e;
		n++;
	}
	if (oldest && n >= per_peer)
		entry_drop(t, oldest);
}

static void
expired_drop(struct contexts *t, uint64_t now_ms)
{
	struct entry *e;

	while ((e = TAILQ_FIRST(&t->ages)) && now_ms - e->c.made_ms > CONTEXT_LIFE_MS)
		entry_drop(t, e);
}

void
context_add(struct contexts *t, const struct context *c, uint32_t per_peer)
{
	struct entry *e;

	expired_drop(t, c->made_ms);
	if (per_peer > 0)
		peer_trim(t, c->peer, per_peer);
	if (t->count >= t->max)
		entry_drop(t, TAILQ_FIRST(&t->ages));
	e    = xcalloc(1, sizeof *e);
	e->c = *c;
	LIST_INSERT_HEAD(&t->buckets[c->id % BUCKETS], e, chain);
	TAILQ_INSERT_TAIL(&t->ages, e, age);
	t->count++;
}

bool
context_exists(const struct contexts *t, uint64_t id)
{
	return entry_find(t, id) != NULL;
}

nt
context_take(struct contexts *t, uint64_t id, uint64_t peer, uint64_t now_ms, struct context *ret)
{
	struct entry *e;

	expired_drop(t, now_ms);
	e = entry_find(t, id);
	REQUIRE(e && e->c.peer == peer, STATUS_INVALID_PARAMETER);
	*ret = e->c;
	entry_drop(t, e);
	return STATUS_SUCCESS;
}

void
contexts_forget(struct contexts *t, uint64_t peer)
{
	struct entry *e, *next;

	for (e = TAILQ_FIRST(&t->ages); e; e = next) {
		next = TAILQ_NEXT(e, age);
		if (e->c.peer == peer)
			entry_drop(t, e);
	}
}

uint32_t
contexts_count(const struct contexts *t)
{
	return t->count;
}
