/*
 * loop.c - epoll, a heap of timers, one signalfd.
 *
 * A tick: ask the polls, wait for descriptors (unless a poll had work) and run
 * them, then due timers, then the tick functions.  A callback may remove
 * anything, itself included, and free it: loop_del() strikes it from the batch
 * in hand.
 */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/nt.h"

#define BATCH_MAX 128
#define BUSY_MAX  8	/* rounds that polls alone may fill before descriptors get their turn */
#define NS_PER_MS 1000000u

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

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		fatal("clock_gettime: %s", strerror(errno));
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t
clock_real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof *l);

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		fatal("epoll_create1: %s", strerror(errno));
	sigemptyset(&l->signal_set);
	l->now = clock_mono_ns();
	return l;
}

void
loop_drop(struct loop *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->heap_n; i++)
		l->heap[i]->slot = 0;
	if (l->signal_fd.loop)
		close(l->signal_fd.fd);
	close(l->epoll_fd);
	free(l->heap);
	free(l);
}

/* Descriptors. */

static void
epoll_set(struct loop_fd *f, int op)
{
	struct epoll_event ev = { .events = f->events, .data.ptr = f };

	if (epoll_ctl(f->loop->epoll_fd, op, f->fd, &ev) != 0)
		fatal("epoll_ctl op=%d fd=%d: %s", op, f->fd, strerror(errno));
}

void
loop_add(struct loop *l, struct loop_fd *f, int fd, uint32_t events, loop_fd_fn *fn, void *ctx)
{
	ENSURE(f->loop == NULL);
	*f = (struct loop_fd){ .loop = l, .fd = fd, .events = events, .fn = fn, .ctx = ctx };
	epoll_set(f, EPOLL_CTL_ADD);
}

void
loop_mod(struct loop_fd *f, uint32_t events)
{
	if (f->events == events)
		return;
	f->events = events;
	epoll_set(f, EPOLL_CTL_MOD);
}

void
loop_del(struct loop_fd *f)
{
	struct loop *l = f->loop;

	if (!l)
		return;
	/* Fails only if the owner closed fd first, and then epoll forgot it already. */
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, f->fd, NULL);
	for (int i = 0; i < l->batch_n; i++) {
		if (l->batch[i].data.ptr == f)
			l->batch[i].data.ptr = NULL;
	}
	f->loop = NULL;
}

static void
fds_run(struct loop *l, int n)
{
	l->batch_n = n;
	for (int i = 0; i < n; i++) {
		struct loop_fd *f = l->batch[i].data.ptr;

		if (f)
			f->fn(f->ctx, l->batch[i].events);
	}
	l->batch_n = 0;
}

/* Timers: a binary heap, earliest first; each knows its place. */

static void
heap_put(struct loop *l, uint32_t i, struct loop_timer *t)
{
	l->heap[i] = t;
	t->slot	   = i + 1;
}

static void
heap_up(struct loop *l, uint32_t i)
{
	struct loop_timer *t = l->heap[i];

	for (; i > 0 && t->due < l->heap[(i - 1) / 2]->due; i = (i - 1) / 2)
		heap_put(l, i, l->heap[(i - 1) / 2]);
	heap_put(l, i, t);
}

static void
heap_down(struct loop *l, uint32_t i)
{
	struct loop_timer *t = l->heap[i];
	uint32_t child;

	while ((child = 2 * i + 1) < l->heap_n) {
		if (child + 1 < l->heap_n && l->heap[child + 1]->due < l->heap[child]->due)
			child++;
		if (l->heap[child]->due >= t->due)
			break;
		heap_put(l, i, l->heap[child]);
		i = child;
	}
	heap_put(l, i, t);
}

static void
heap_grow(struct loop *l)
{
	uint32_t cap = l->heap_cap == 0 ? 64 : l->heap_cap * 2;

	ENSURE(l->heap_cap < UINT32_MAX / 4);
	l->heap = reallocarray(l->heap, cap, sizeof(struct loop_timer *));
	if (!l->heap)
		fatal("out of memory for timers n=%u", cap);
	l->heap_cap = cap;
}

void
loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t in_ms, loop_fn *fn, void *ctx)
{
	uint64_t now = clock_mono_ns();

	loop_timer_clear(t);
	t->loop = l;
	t->due	= in_ms > (UINT64_MAX - now) / NS_PER_MS ? UINT64_MAX : now + in_ms * NS_PER_MS;
	t->fn	= fn;
	t->ctx	= ctx;
	if (l->heap_n == l->heap_cap)
		heap_grow(l);
	heap_put(l, l->heap_n++, t);
	heap_up(l, t->slot - 1);
}

void
loop_timer_clear(struct loop_timer *t)
{
	struct loop *l = t->loop;
	struct loop_timer *last;
	uint32_t i = t->slot - 1;

	if (t->slot == 0)
		return;
	ENSURE(i < l->heap_n && l->heap[i] == t);
	t->slot = 0;
	last	= l->heap[--l->heap_n];
	if (last == t)
		return;
	heap_put(l, i, last);
	heap_up(l, i);
	heap_down(l, last->slot - 1);
}

static void
timers_run(struct loop *l)
{
	uint64_t limit = l->now; /* what is armed meanwhile waits for the next tick */

	while (l->heap_n > 0 && l->heap[0]->due <= limit) {
		struct loop_timer *t = l->heap[0];

		loop_timer_clear(t);
		t->fn(t->ctx);
	}
}

/* Milliseconds to sleep, rounded up so that a timer is due on waking. */
static int
timers_wait(const struct loop *l)
{
	uint64_t now = clock_mono_ns();
	uint64_t ms;

	if (l->heap_n == 0)
		return -1;
	if (l->heap[0]->due <= now)
		return 0;
	ms = (l->heap[0]->due - now - 1) / NS_PER_MS + 1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Polls and ticks. */

void
loop_on_tick(struct loop *l, struct loop_tick *tick, loop_fn *fn, void *ctx)
{
	struct loop_tick **at = &l->ticks;

	while (*at)
		at = &(*at)->next;
	*tick = (struct loop_tick){ .fn = fn, .ctx = ctx };
	*at   = tick;
}

void
loop_on_poll(struct loop *l, struct loop_poll *poll, loop_poll_fn *fn, void *ctx)
{
	struct loop_poll **at = &l->polls;

	while (*at)
		at = &(*at)->next;
	*poll = (struct loop_poll){ .fn = fn, .ctx = ctx };
	*at   = poll;
}

static bool
polls_run(struct loop *l)
{
	bool more = false;

	for (struct loop_poll *p = l->polls; p; p = p->next)
		more |= p->fn(p->ctx);
	return more;
}

static void
ticks_run(struct loop *l)
{
	for (struct loop_tick *t = l->ticks; t; t = t->next)
		t->fn(t->ctx);
}

/* Signals. */

static void
signals_read(void *ctx, uint32_t events)
{
	struct loop *l = ctx;
	struct signalfd_siginfo si;

	(void)events;
	while (read(l->signal_fd.fd, &si, sizeof si) == (ssize_t)sizeof si) {
		const struct signal_row *row =
		    si.ssi_signo < NSIG ? &l->signals[si.ssi_signo] : NULL;

		if (row && row->fn)
			row->fn(row->ctx, (int)si.ssi_signo);
	}
}

void
loop_on_signal(struct loop *l, int signo, loop_signal_fn *fn, void *ctx)
{
	int fd = l->signal_fd.loop ? l->signal_fd.fd : -1;

	ENSURE(signo > 0 && signo < NSIG);
	l->signals[signo] = (struct signal_row){ .fn = fn, .ctx = ctx };
	sigaddset(&l->signal_set, signo);
	if (sigprocmask(SIG_BLOCK, &l->signal_set, NULL) != 0)
		fatal("sigprocmask: %s", strerror(errno));
	fd = signalfd(fd, &l->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		fatal("signalfd: %s", strerror(errno));
	if (!l->signal_fd.loop)
		loop_add(l, &l->signal_fd, fd, EPOLLIN, signals_read, l);
}

/* Running. */

uint64_t
loop_now(const struct loop *l)
{
	return l->now;
}

static void
fds_wait(struct loop *l, int ms)
{
	int n = epoll_wait(l->epoll_fd, l->batch, BATCH_MAX, ms);

	if (n < 0 && errno != EINTR)
		fatal("epoll_wait: %s", strerror(errno));
	l->busy = 0;
	l->now  = clock_mono_ns();
	fds_run(l, n < 0 ? 0 : n);
}

/* What polls brought is answered before the kernel is asked again: it saves a call each time. */
static void
tick_run(struct loop *l)
{
	bool more;

	l->now = clock_mono_ns();
	more   = polls_run(l);
	if (!more || ++l->busy >= BUSY_MAX)
		fds_wait(l, more || l->stopped ? 0 : timers_wait(l));
	timers_run(l);
	ticks_run(l);
}

int
loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped)
		tick_run(l);
	return l->status;
}

void
loop_stop(struct loop *l, int status)
{
	l->stopped = true;
	l->status  = status;
}
