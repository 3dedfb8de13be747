/*
 * loop.c - epoll, polls, ticks, one signalfd.
 *
 * A tick: ask the polls, wait for descriptors (unless a poll had work) and run
 * them, then due timers, then the tick functions.  A callback may remove
 * anything, itself included, and free it: loop_del() strikes it from the batch
 * in hand.
 */
#include "base/loop_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/nt.h"

#define BUSY_MAX 8	/* rounds that polls alone may fill before descriptors get their turn */

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
