/*
 * throttle_private.h - the counters, for throttle.c and throttle_locks.c alone.
 */
#ifndef AUTHD_STORE_THROTTLE_PRIVATE_H
#define AUTHD_STORE_THROTTLE_PRIVATE_H

#include "authd/store/counter.h"
#include "authd/store/throttle.h"

#define SECRET_SIZE 32

enum counter_kind { BY_ACCOUNT, BY_ADDRESS, BY_PAIR, COUNTER_KINDS };

struct throttle {
	uint8_t secret[SECRET_SIZE];
	uint32_t lock[COUNTER_KINDS]; /* failures that lock out; 0: never */
	uint32_t lock_ms, window_ms;
	struct counters by[COUNTER_KINDS];
};

/* The counter of an account (folded name), of an address, or of the two: its key. */
struct counter_key throttle_key(const struct throttle *, enum counter_kind, const char *name,
				const struct net_addr *);
/* What of an address is counted as one. */
void throttle_put_host(struct wr *, const struct net_addr *);

#endif
