/*
 * pool.h - threads for what may block: cold reads, syncs, copies.  A task's
 * work() runs on one of them as its identity and touches nothing but the task;
 * done() runs on the main thread.
 */
#ifndef FSD_POOL_H
#define FSD_POOL_H

#include <stdint.h>

#include "base/loop.h"

struct fsd;
struct handle;
struct ident;
struct peer;
struct pool;

/* Embedded first in what is to be done. */
struct task {
	struct task *next;
	struct handle *handle;	/* held until done() has run */
	struct peer *peer;	/* held off dying meanwhile */
	void (*work)(struct task *);
	void (*done)(struct fsd *, struct task *);
};

struct pool *pool_new(struct fsd *, struct loop *, uint32_t threads);
void pool_drop(struct pool *);
void pool_add(struct pool *, struct task *, struct handle *,
    void (*work)(struct task *), void (*done)(struct fsd *, struct task *));
/* Waits until nothing of this peer is in the pool, and finishes what was. */
void pool_drain(struct pool *, const struct peer *);

#endif
