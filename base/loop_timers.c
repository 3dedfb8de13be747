/*
 * loop_timers.c - clocks, and the loop's timers: a binary heap, earliest first; each
 * knows its place.
 */
#include "base/loop_inner.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fatal.h"

#define NS_PER_MS 1000000u

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

/* ---- the heap ---- */

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

/* ---- for the loop ---- */

void
timers_run(struct loop *l)
{
	uint64_t limit = l->now; /* what is armed meanwhile waits for the next tick */

	while (l->heap_n > 0 && l->heap[0]->due <= limit) {
		struct loop_timer *t = l->heap[0];

		loop_timer_clear(t);
		t->fn(t->ctx);
	}
}

int
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
