/*
 * exchange.c - see exchange.h: a hash table by id and a list by age.
 */
#include "authd/cred/exchange.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"

#define BUCKETS 1024u

LIST_HEAD(exchange_bucket, exchange);

struct exchanges {
	uint32_t count, max;
	struct exchange_bucket buckets[BUCKETS];
	TAILQ_HEAD(exchange_list, exchange) ages; /* oldest first */
};

struct exchanges *
exchanges_new(uint32_t max)
{
	struct exchanges *t = xcalloc(1, sizeof *t);

	ENSURE(max > 0);
	t->max = max;
	TAILQ_INIT(&t->ages);
	return t;
}

void
exchange_end(struct exchanges *t, struct exchange *e)
{
	LIST_REMOVE(e, chain);
	TAILQ_REMOVE(&t->ages, e, age);
	t->count--;
	handshake_drop(e->handshake);
	secret_free(e, sizeof *e);
}

void
exchanges_drop(struct exchanges *t)
{
	struct exchange *e;

	if (!t)
		return;
	while ((e = TAILQ_FIRST(&t->ages)))
		exchange_end(t, e);
	free(t);
}

struct exchange *
exchange_find_any(struct exchanges *t, uint64_t id, uint64_t peer)
{
	struct exchange *e;

	LIST_FOREACH(e, &t->buckets[id % BUCKETS], chain)
		if (e->id == id && e->peer == peer)
			return e;
	return NULL;
}

/* The oldest of this peer goes once it holds its share. */
static void
peer_trim(struct exchanges *t, uint64_t peer)
{
	struct exchange *e, *oldest = NULL;
	uint32_t n = 0;

	TAILQ_FOREACH(e, &t->ages, age) {
		if (e->peer != peer)
			continue;
		if (!oldest)
			oldest = e;
		n++;
	}
	if (oldest && n >= EXCHANGES_PER_PEER)
		exchange_end(t, oldest);
}

void
exchanges_expire(struct exchanges *t, uint64_t now_ms)
{
	struct exchange *e;

	while ((e = TAILQ_FIRST(&t->ages)) && now_ms - e->made_ms > EXCHANGE_LIFE_MS)
		exchange_end(t, e);
}

struct exchange *
exchange_begin(struct exchanges *t, uint64_t peer, uint64_t now_ms)
{
	struct exchange *e;

	exchanges_expire(t, now_ms);
	peer_trim(t, peer);
	if (t->count >= t->max)
		exchange_end(t, TAILQ_FIRST(&t->ages));
	e	   = secret_alloc(sizeof *e);
	e->id	   = random_u64();
	e->peer	   = peer;
	e->made_ms = now_ms;
	LIST_INSERT_HEAD(&t->buckets[e->id % BUCKETS], e, chain);
	TAILQ_INSERT_TAIL(&t->ages, e, age);
	t->count++;
	return e;
}

struct exchange *
exchange_find(struct exchanges *t, uint64_t id, uint64_t peer, enum exchange_state state,
	      uint64_t now_ms)
{
	struct exchange *e;

	exchanges_expire(t, now_ms);
	e = exchange_find_any(t, id, peer);
	return e && e->state == state ? e : NULL;
}

void
exchanges_forget_peer(struct exchanges *t, uint64_t peer)
{
	struct exchange *e, *next;

	for (e = TAILQ_FIRST(&t->ages); e; e = next) {
		next = TAILQ_NEXT(e, age);
		if (e->peer == peer)
			exchange_end(t, e);
	}
}

void
exchanges_forget_login(struct exchanges *t, uint64_t login)
{
	struct exchange *e, *next;

	for (e = TAILQ_FIRST(&t->ages); e; e = next) {
		next = TAILQ_NEXT(e, age);
		if (e->login == login)
			exchange_end(t, e);
	}
}

uint32_t
exchanges_count(const struct exchanges *t)
{
	return t->count;
}
