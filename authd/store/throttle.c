/*
 * throttle.c - see throttle.h: what a logon's outcome costs.  Who is locked out,
 * and out of it again: throttle_locks.c.
 */
#include "authd/store/throttle.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "authd/store/throttle_private.h"
#include "base/fatal.h"
#include "base/secret.h"

#define FREE_FAILURES 2u
#define FIRST_MS      500u
#define WINDOW_MS     (10u * 60 * 1000)
#define QUEUE_MS      20000u /* answers of one pair that may wait behind each other */

/* Of the rows on disk. */
static const uint8_t letters[COUNTER_KINDS] = {
	[BY_ACCOUNT] = 'n',
	[BY_ADDRESS] = 'h',
	[BY_PAIR]    = 'p',
};

/* One logon as the counters see it. */
struct attempt {
	uint64_t now;
	const char *name;
	const struct net_addr *addr;
	struct counter_key key[COUNTER_KINDS];
	struct counter *found[COUNTER_KINDS]; /* NULL: no failures known */
};

/* The digests on disk mean something only under the secret they were made with. */
static void
secret_load(struct throttle *t, struct db *db)
{
	struct db_row row;

	random_bytes(t->secret, sizeof t->secret);
	if (!db)
		return;
	if (nt_ok(db_get(db, SPAN("s", 1), &row)) && row.value_n == sizeof t->secret)
		memcpy(t->secret, row.value, sizeof t->secret);
	else
		(void)db_put(db, SPAN("s", 1), SPAN(t->secret, sizeof t->secret)).code;
}

struct throttle *
throttle_new(uint32_t entries, struct db *db)
{
	const struct throttle_rules rules = { THROTTLE_PAIR_LOCK, THROTTLE_ADDRESS_LOCK,
					      THROTTLE_LOCK_MS, WINDOW_MS };
	struct throttle *t		  = xcalloc(1, sizeof *t);

	throttle_configure(t, &rules);
	secret_load(t, db);
	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++)
		counters_init(&t->by[kind], letters[kind], entries, db);
	return t;
}

void
throttle_drop(struct throttle *t)
{
	if (!t)
		return;
	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++)
		counters_clear(&t->by[kind]);
	secret_wipe(t->secret, sizeof t->secret);
	free(t);
}

void
throttle_configure(struct throttle *t, const struct throttle_rules *r)
{
	t->lock[BY_PAIR]    = r->pair;
	t->lock[BY_ADDRESS] = r->address;
	t->lock_ms	    = r->lock_ms;
	t->window_ms	    = r->window_ms;
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
void
throttle_put_host(struct wr *w, const struct net_addr *addr)
{
	wr_u8(w, addr->family);
	wr_bytes(w, addr->b, addr->family == 4 ? 4 : 8);
}

struct counter_key
throttle_key(const struct throttle *t, enum counter_kind kind, const char *name,
	     const struct net_addr *addr)
{
	uint8_t text[SECRET_SIZE + 1 + 9 + NAME_BOUND + 1], digest[EVP_MAX_MD_SIZE];
	struct wr w = wr_init(text, sizeof text);
	struct counter_key key;

	wr_bytes(&w, t->secret, sizeof t->secret);
	wr_u8(&w, letters[kind]);
	if (kind != BY_ACCOUNT)
		throttle_put_host(&w, addr);
	if (kind != BY_ADDRESS)
		wr_bytes(&w, name, strnlen(name, NAME_BOUND));
	ENSURE(wr_ok(&w));
	if (!EVP_Digest(text, w.pos, digest, NULL, EVP_sha256(), NULL))
		fatal("SHA-256 is not available");
	secret_wipe(text, sizeof text);
	memcpy(key.b, digest, sizeof key.b);
	return key;
}

/* Quiet for the window, and nothing of it outstanding: as if it had never been. */
static bool
counter_is_stale(const struct throttle *t, const struct counter *c, uint64_t now)
{
	return now > c->last && now - c->last > t->window_ms && now > c->answered &&
	       now > c->locked;
}

static struct attempt
attempt_make(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now)
{
	struct attempt a = { .now = now, .name = name, .addr = addr };

	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++) {
		a.key[kind]   = throttle_key(t, kind, name, addr);
		a.found[kind] = counter_find(&t->by[kind], &a.key[kind]);
		if (a.found[kind] && counter_is_stale(t, a.found[kind], now)) {
			counter_forget(&t->by[kind], a.found[kind]);
			a.found[kind] = NULL;
		}
	}
	return a;
}

/* Why this logon is not heard, however right it is; NULL: it is. */
static const char *
attempt_refusal(const struct attempt *a)
{
	const struct counter *pair = a->found[BY_PAIR];
	const struct counter *host = a->found[BY_ADDRESS];

	if (pair && pair->locked > a->now)
		return "locked out: too many failures of this account from this address";
	if (host && host->locked > a->now)
		return "locked out: too many failures from this address";
	if (pair && pair->answered > a->now && pair->answered - a->now > QUEUE_MS)
		return "too many guesses of this account from this address wait for their answers";
	return NULL;
}

/* One more failure; returns when it may be announced. */
static uint64_t
counter_fail(struct throttle *t, struct attempt *a, enum counter_kind kind, bool *locks)
{
	struct counter *c = a->found[kind];
	uint64_t from	  = a->now, due;

	if (!c)
		c = counter_make(&t->by[kind], &a->key[kind]);
	c->last = a->now;
	if (c->failures < UINT32_MAX)
		c->failures++;
	if (t->lock[kind] > 0 && c->failures >= t->lock[kind] && c->locked <= a->now) {
		c->locked = a->now + t->lock_ms;
		counter_label(&t->by[kind], c, kind == BY_PAIR ? a->name : NULL, a->addr);
		*locks = true;
	}
	/* A pair's answers queue up behind each other; an address's and an account's overlap. */
	if (kind == BY_PAIR && c->answered > a->now && c->answered - a->now <= QUEUE_MS)
		from = c->answered;
	due = from + throttle_cost(c->failures);
	if (due > c->answered)
		c->answered = due;
	counter_touch(&t->by[kind], c);
	return due;
}

/* A success is forgiven its pair's failures, but comes after the answers that still wait. */
static uint64_t
counter_pass(struct throttle *t, struct attempt *a, enum counter_kind kind)
{
	struct counter *c = a->found[kind];
	uint64_t due	  = c && c->answered > a->now ? c->answered : a->now;

	if (c && kind == BY_PAIR && due == a->now)
		counter_forget(&t->by[kind], c);
	return due;
}

struct throttle_result
throttle_outcome(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now,
		 bool ok)
{
	struct attempt a	 = attempt_make(t, name, addr, now);
	struct throttle_result r = { .why = ok ? attempt_refusal(&a) : NULL };
	uint64_t due		 = now;

	r.ok = ok && !r.why;
	for (enum counter_kind kind = BY_ACCOUNT; kind < COUNTER_KINDS; kind++) {
		uint64_t at = now;

		if (!r.ok)
			at = counter_fail(t, &a, kind, &r.locks);
		else if (kind != BY_ACCOUNT)
			at = counter_pass(t, &a, kind);
		due = at > due ? at : due;
	}
	r.wait_ms = due - now;
	return r;
}

const char *
throttle_refusal(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now)
{
	struct attempt a = attempt_make(t, name, addr, now);

	return attempt_refusal(&a);
}
