/*
 * fiber.h - a script's call as a function that waits.
 *
 * What a script asks takes many round trips to a server and to other processes.
 * Each call runs on a small stack of its own and gives way when it waits, so it
 * reads from top to bottom and unwinds by TRY() and CLEANUP() like any function.
 * One thread: between two waits nothing else runs, and nothing here blocks.
 */
#ifndef CLIENTD_SESSION_FIBER_H
#define CLIENTD_SESSION_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/loop.h"
#include "base/nt.h"

#define FIBERS_MAX   512u		/* calls in hand; more are refused */
#define FIBER_STACK  (128u * 1024)	/* touched pages only; a guard page below */

struct fiber;
struct fibers;
typedef void fiber_fn(void *arg);

/* Zeroed means nobody waits. */
struct waitq {
	struct fiber *first;
};

struct fibers *fibers_new(struct loop *);
void fibers_drop(struct fibers *);	/* none may be left */
/*
 * fn runs at the end of this tick.  STATUS_INSUFFICIENT_RESOURCES: too many.
 * What fiber_alloc() gave is freed when fn returns.
 */
nt fiber_start(struct fibers *, fiber_fn *fn, void *arg, struct fiber **ret) MUST_USE;
/* Runs those that may go on; true if any did.  The owner calls it at the end of each tick. */
bool fibers_run(struct fibers *);
size_t fibers_count(const struct fibers *);

/* Below: only on a fiber. */
struct fiber *fiber_self(void);
void *fiber_alloc(size_t n);		/* zeroed; lives as long as this fiber */
char *fiber_strdup(const char *);
/*
 * Until somebody wakes q.  STATUS_CANCELLED: this fiber is to end, now and at every
 * later wait; what it leaves behind is undone without waiting.
 */
nt fiber_wait(struct waitq *q) MUST_USE;
/* The same, at most so long: STATUS_IO_TIMEOUT.  q may be NULL: just sleeps (and that is success). */
nt fiber_wait_ms(struct waitq *q, uint64_t ms) MUST_USE;
/* STATUS_SUCCESS, or STATUS_CANCELLED. */
nt fiber_check(void) MUST_USE;

/* From anywhere. */
void waitq_wake(struct waitq *);	/* all of them, at the end of this tick */
void fiber_cancel(struct fiber *);

#endif
