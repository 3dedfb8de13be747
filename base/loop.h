/*
 * loop.h - the event loop: descriptors, timers, signals, and work at the end of
 * each tick (links flush there, so that all of a tick leaves in one send).
 * Single-threaded; every callback runs on the loop's thread.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

typedef void loop_fd_fn(void *ctx, uint32_t events);	/* EPOLLIN ... */
typedef void loop_fn(void *ctx);
typedef void loop_signal_fn(void *ctx, int signo);

/* Embedded in what it watches; zeroed means not added.  Not moved while added. */
struct loop_fd {
	struct loop *loop;
	int fd;
	uint32_t events;
	loop_fd_fn *fn;
	void *ctx;
};

/* Zeroed means not set. */
struct loop_timer {
	struct loop *loop;
	uint64_t due;		/* CLOCK_MONOTONIC ns */
	uint32_t slot;		/* heap position + 1; 0: not set */
	loop_fn *fn;
	void *ctx;
};

/* Runs at the end of every tick, in the order added. */
struct loop_tick {
	loop_fn *fn;
	void *ctx;
	struct loop_tick *next;
};

struct loop *loop_new(void);			/* never NULL */
void loop_drop(struct loop *);

void loop_add(struct loop *, struct loop_fd *, int fd, uint32_t events, loop_fd_fn *, void *ctx);
void loop_mod(struct loop_fd *, uint32_t events);
/* Stops watching; does not close fd.  Safe from any callback; on a zeroed one a no-op. */
void loop_del(struct loop_fd *);

/* (Re)arms; one shot. */
void loop_timer_set(struct loop *, struct loop_timer *, uint64_t in_ms, loop_fn *, void *ctx);
void loop_timer_clear(struct loop_timer *);

void loop_on_tick(struct loop *, struct loop_tick *, loop_fn *, void *ctx);

/*
 * Registers a descriptor-less poller asked at the start of each tick: ZeroMQ
 * sockets are edge-triggered, so their owner re-checks ZMQ_EVENTS there.  It
 * returns true if it did work or has more, and the tick then does not sleep:
 * the loop sleeps only after a round in which no poll found anything to do.
 */
typedef bool loop_poll_fn(void *ctx);
struct loop_poll {
	loop_poll_fn *fn;
	void *ctx;
	struct loop_poll *next;
};
void loop_on_poll(struct loop *, struct loop_poll *, loop_poll_fn *, void *ctx);

/* Blocks signo and delivers it through the loop (signalfd).  Call before the sandbox. */
void loop_on_signal(struct loop *, int signo, loop_signal_fn *, void *ctx);

uint64_t loop_now(const struct loop *);		/* CLOCK_MONOTONIC ns at the start of this tick */
/* Runs until loop_stop(); returns its status, the process's exit code. */
int loop_run(struct loop *);
void loop_stop(struct loop *, int status);

uint64_t clock_mono_ns(void);
uint64_t clock_real_ns(void);			/* Unix time */

#endif
