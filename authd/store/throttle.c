/*
 * throttle.c - counters in a hash table chained by index, oldest first in a
 * list.  Keys are digests under a secret of this process: fixed in size, and
 * nobody can craft a name that collides with another's counter.
 */
#include "authd/store/throttle.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/fatal.h"
#include "base/secret.h"

#define FREE_FAILURES 2u
#define FIRST_MS      500u
#define FORGET_MS     (10u * 60 * 1000)
#define QUEUE_MS      20000u /* answers of one pair that may wait behind each other */
#define BUCKETS       4096u
#define SECRET_SIZE   32

enum counter_kind { BY_ACCOUNT, BY_ADDRESS, BY_PAIR, COUNTER_KINDS };

struct counter_key {
	uint8_t b[16];
};

struct counter {
	LIST_ENTRY(counter) chain;
	TAILQ_ENTRY(counter) age;
	struct counter_key key;
	uint32_t failures;
	uint64_t last;	   /* when it last failed */
	uint64_t answered; /* when its last delayed answer goes out */
};

struct throttle {
	uint8_t secret[SECRET_SIZE];
	uint32_t count, max;
	LIST_HEAD(, counter) buckets[BUCKETS];
	TAILQ_HEAD(, counter) ages;
};

struct throttle *
throttle_new(uint32_t entries)
{
	struct throttle *t = xcalloc(1, sizeof *t);

	ENSURE(entries >= COUNTER_KINDS);
	random_bytes(t->secret, sizeof t->secret);
	t->max = entries;
	TAILQ_INIT(&t->ages);
	return t;
}

static void
counter_drop(struct throttle *t, struct counter *c)
{
	LIST_REMOVE(c, chain);
	TAILQ_REMOVE(&t->ages, c, age);
	t->count--;
	free(c);
}

void
throttle_drop(struct throttle *t)
{
	struct counter *c;

	if (!t)
		return;
	while ((c = TAILQ_FIRST(&t->ages)))
		counter_drop(t, c);
	free(t);
}

uint32_t
throttle_cost(uint32_t failures)
{
	uint32_t ms = FIRST_MS;

	if (failures <= FREE_FAILURES)
		return 0;
	for (uint32_t i = FREE_FAILURES + 1; i < failures && ms < THROTTLE_CAP_MS; i++)
		ms *= 2;
	return ms < THROTTLE_CAP_MS ? ms : THROTTLE_CAP_MS;
}

/* A customer with IPv6 has a /64 of addresses; one counter for all of them. */
static void
wr_host(struct wr *w, const struct net_addr *addr)
{
	wr_u8(w, addr->family);
	wr_bytes(w, addr->b, addr->family == 4 ? 4 : 8);
}

static struct counter_key
counter_key(const struct throttle *t, enum counter_kind kind, const char *name,
    const struct net_addr *addr)
{
	uint8_t text[SECRET_SIZE + 1 + 9 + NAME_BOUND + 1], digest[EVP_MAX_MD_SIZE];
	struct wr w = wr_init(text, sizeof text);
	struct counter_key key;

	wr_bytes(&w, t->secret, sizeof t->secret);
	wr_u8(&w, (uint8_t)kind);
	if (kind != BY_ACCOUNT)
		wr_host(&w, addr);
	if (kind != BY_ADDRESS)
		wr_bytes(&w, name, strnlen(name, NAME_BOUND));
	ENSURE(wr_ok(&w));
	if (!EVP_Digest(text, w.pos, digest, NULL, EVP_sha256(), NULL))
		fatal("SHA-256 is not available");
	memcpy(key.b, digest, sizeof key.b);
	return key;
}

static uint32_t
bucket_of(const struct counter_key *key)
{
	return (uint32_t)(key->b[0] | key->b[1] << 8) % BUCKETS;
}

static struct counter *
counter_find(struct throttle *t, const struct counter_key *key, uint64_t now)
{
	struct counter *c;

	LIST_FOREACH(c, &t->buckets[bucket_of(key)], chain)
		if (memcmp(&c->key, key, sizeof *key) == 0)
			break;
	if (c && now - c->last > FORGET_MS && now > c->answered) {
		counter_drop(t, c);
		return NULL;
	}
	return c;
}

static struct counter *
counter_make(struct throttle *t, const struct counter_key *key)
{
	struct counter *c;

	if (t->count >= t->max)
		counter_drop(t, TAILQ_FIRST(&t->ages));
	c      = xcalloc(1, sizeof *c);
	c->key = *key;
	LIST_INSERT_HEAD(&t->buckets[bucket_of(key)], c, chain);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
	t->count++;
	return c;
}

/* One more failure; returns when it may be announced. */
static uint64_t
counter_fail(struct throttle *t, const struct counter_key *key, enum counter_kind kind, uint64_t now)
{
	struct counter *c = counter_find(t, key, now);
	uint64_t from     = now;

	if (!c)
		c = counter_make(t, key);
	TAILQ_REMOVE(&t->ages, c, age);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
	c->last = now;
	if (c->failures < UINT32_MAX)
		c->failures++;
	/* A pair's answers queue up behind each other; an address's and an account's overlap. */
	if (kind == BY_PAIR && c->answered > now && c->answered - now <= QUEUE_MS)
		from = c->answered;
	if (from + throttle_cost(c->failures) > c->answered)
		c->answered = from + throttle_cost(c->failures);
	return from + throttle_cost(c->failures);
}

/* A success is forgiven its pair's failures, but comes after the answers that still wait. */
static uint64_t
counter_pass(struct throttle *t, const struct counter_key *key, enum counter_kind kind, uint64_t now)
{
	struct counter *c = counter_find(t, key, now);
	uint64_t due      = c && c->answered > now ? c->answered : now;

	if (c && kind == BY_PAIR && due == now)
		counter_drop(t, c);
	return due;
}

/* So many guesses of this pair wait for their answers that this one is not heard at all. */
static bool
queue_is_full(struct throttle *t, const struct counter_key *pair, uint64_t now)
{
	const struct counter *c = counter_find(t, pair, now);

	return c && c->answered > now && c->answered - now > QUEUE_MS;
}

uint64_t
throttle_outcome(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now,
    bool *ok)
{
	struct counter_key keys[COUNTER_KINDS];
	uint64_t due = now;

	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++)
		keys[kind] = counter_key(t, kind, name, addr);
	*ok = *ok && !queue_is_full(t, &keys[BY_PAIR], now);
	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++) {
		uint64_t at = now;

		if (!*ok)
			at = counter_fail(t, &keys[kind], kind, now);
		else if (kind != BY_ACCOUNT)
			at = counter_pass(t, &keys[kind], kind, now);
		due = at > due ? at : due;
	}
	return due - now;
}
