/*
 * throttle_locks.c - for administrators: who is locked out, and the end of it.
 */
#include "authd/store/throttle_private.h"

#include <string.h>

bool
throttle_next(struct throttle *t, uint64_t after, uint64_t now, struct throttle_lock *ret)
{
	const struct counter *best = NULL;
	uint64_t index		   = 0;

	for (enum counter_kind kind = BY_ADDRESS; kind < COUNTER_KINDS; kind++) {
		struct counter *c;

		TAILQ_FOREACH(c, &t->by[kind].ages, age) {
			uint64_t i = c->serial * COUNTER_KINDS + kind;

			if (c->serial == 0 || c->locked <= now || i <= after ||
			    (best && i >= index))
				continue;
			best  = c;
			index = i;
		}
	}
	if (!best)
		return false;
	*ret = (struct throttle_lock){ index, best->name, best->addr, best->failures,
				       best->locked - now };
	return true;
}

bool
throttle_same_host(const struct net_addr *a, const struct net_addr *b)
{
	uint8_t x[16], y[16];
	struct wr wx = wr_init(x, sizeof x), wy = wr_init(y, sizeof y);

	throttle_put_host(&wx, a);
	throttle_put_host(&wy, b);
	return span_eq(wr_done(&wx), wr_done(&wy));
}

uint32_t
throttle_unlock(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now)
{
	struct net_addr nowhere = { 0 };
	struct counter *c, *next;
	uint32_t n = 0;

	for (enum counter_kind kind = BY_ADDRESS; kind < COUNTER_KINDS; kind++) {
		for (c = TAILQ_FIRST(&t->by[kind].ages); c; c = next) {
			next = TAILQ_NEXT(c, age);
			if (c->serial == 0 ||
			    !((name && c->name && strcmp(c->name, name) == 0) ||
			      (addr && throttle_same_host(&c->addr, addr))))
				continue;
			n += c->locked > now;
			counter_forget(&t->by[kind], c);
		}
	}
	if (name) {
		struct counter_key key = throttle_key(t, BY_ACCOUNT, name, &nowhere);

		c = counter_find(&t->by[BY_ACCOUNT], &key);
		if (c)
			counter_forget(&t->by[BY_ACCOUNT], c);
	}
	return n;
}
