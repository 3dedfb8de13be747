/*
 * counter.h - one bounded table of failure counters, in memory and on disk.
 * Not for: what a count means (throttle.c).
 */
#ifndef AUTHD_STORE_COUNTER_H
#define AUTHD_STORE_COUNTER_H

#include <sys/queue.h>

#include "authd/store/db.h"
#include "ipc/types.h"

#define COUNTER_BUCKETS 4096u

struct counter_key {
	uint8_t b[16]; /* a keyed digest: nobody can aim at another's counter */
};

struct counter {
	LIST_ENTRY(counter) chain;
	TAILQ_ENTRY(counter) age;
	struct counter_key key;
	uint32_t failures;
	uint64_t last;	   /* ms: when it last failed */
	uint64_t answered; /* ms: when its last delayed answer goes out; not kept on disk */
	uint64_t locked;   /* ms: until when; 0: not */
	/* Of one that locks out, so that an administrator can see whom. */
	uint64_t serial; /* never used again; 0: it never locked */
	struct net_addr addr;
	char *name; /* folded; NULL: any, or not known */
};

struct counters {
	uint8_t kind; /* first byte of the keys on disk */
	uint32_t count, max;
	uint64_t serials;
	struct db *db; /* borrowed; NULL: nothing is kept */
	LIST_HEAD(, counter) buckets[COUNTER_BUCKETS];
	TAILQ_HEAD(, counter) ages; /* oldest first */
};

/* Reads what db has of this kind. */
void counters_init(struct counters *, uint8_t kind, uint32_t max, struct db *);
void counters_clear(struct counters *); /* memory only */

struct counter *counter_find(struct counters *, const struct counter_key *);
/* The oldest makes room.  The new one is the youngest. */
struct counter *counter_make(struct counters *, const struct counter_key *);
void counter_forget(struct counters *, struct counter *);
/* It locks out these from now on; name may be NULL. */
void counter_label(struct counters *, struct counter *, const char *name, const struct net_addr *);
/* It has changed: the youngest now, and kept. */
void counter_touch(struct counters *, struct counter *);

#endif
