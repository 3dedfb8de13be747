/*
 * loop_inner.h - the loop from the inside; between loop.c and loop_timers.c.
 */
#ifndef BASE_LOOP_INNER_H
#define BASE_LOOP_INNER_H

#include <signal.h>
#include <sys/epoll.h>

#include "base/loop.h"

#define BATCH_MAX 128

struct signal_row {
	loop_signal_fn *fn;
	void *ctx;
};

struct loop {
	int epoll_fd;
	uint64_t now;
	struct epoll_event batch[BATCH_MAX];
	int batch_n; /* events in hand; 0 outside of dispatch */
	struct loop_timer **heap;
	uint32_t heap_n, heap_cap;
	struct loop_tick *ticks;
	struct loop_poll *polls;
	unsigned busy; /* such rounds in a row */
	struct loop_fd signal_fd; /* added with the first signal */
	sigset_t signal_set;
	struct signal_row signals[NSIG];
	bool stopped;
	int status;
};

/* loop_timers.c */
void timers_run(struct loop *);			/* those that are due */
/* Milliseconds to sleep, rounded up so that a timer is due on waking; -1: none is set. */
int timers_wait(const struct loop *);

#endif
