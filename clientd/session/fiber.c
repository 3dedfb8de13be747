/*
 * fiber.c - see fiber.h.  Switching is swapcontext(3); the sanitizers are told
 * of it, or they would take one stack for another.
 */
#include "clientd/session/fiber.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "base/fatal.h"
#include "clientd/session/stack.h"

#ifdef BH_SANITIZE
#include <sanitizer/common_interface_defs.h>
#endif

struct block {
	struct block *next;
	_Alignas(16) unsigned char b[];
};

struct fiber {
	TAILQ_ENTRY(fiber) of;		/* ready, or all others */
	struct fibers *all;
	struct stack *stack;
	ucontext_t context;
	fiber_fn *fn;
	void *arg;
	struct block *blocks;
	struct fiber *next;		/* in a queue of waiters */
	struct waitq *on;		/* what it waits for; NULL: it is ready, runs, or sleeps */
	struct loop_timer timer;
	nt woken;			/* what its wait returns */
	bool ready, cancelled, done;
	void *fake;			/* the sanitizer's */
};

struct fibers {
	struct loop *loop;
	ucontext_t main;
	TAILQ_HEAD(, fiber) ready, waiting;
	struct stacks stacks;
	size_t n;
	const void *main_stack;		/* for the sanitizer */
	size_t main_size;
	void *fake;
};

static struct fiber *current;

/* ---- switching ---- */

static void
switch_out(struct fiber *f)
{
#ifdef BH_SANITIZE
	__sanitizer_start_switch_fiber(f->done ? NULL : &f->fake, f->all->main_stack,
				       f->all->main_size);
#endif
	if (swapcontext(&f->context, &f->all->main) != 0)
		fatal("swapcontext");
#ifdef BH_SANITIZE
	__sanitizer_finish_switch_fiber(f->fake, &f->all->main_stack, &f->all->main_size);
#endif
}

static void
fiber_main(void)
{
	struct fiber *f = current;

#ifdef BH_SANITIZE
	__sanitizer_finish_switch_fiber(NULL, &f->all->main_stack, &f->all->main_size);
#endif
	f->fn(f->arg);
	f->done = true;
	switch_out(f);
	fatal("a fiber that had ended");
}

static void
switch_in(struct fiber *f)
{
	current = f;
#ifdef BH_SANITIZE
	__sanitizer_start_switch_fiber(&f->all->fake, stack_base(f->stack), stack_size(f->stack));
#endif
	if (swapcontext(&f->all->main, &f->context) != 0)
		fatal("swapcontext");
#ifdef BH_SANITIZE
	__sanitizer_finish_switch_fiber(f->all->fake, NULL, NULL);
#endif
	current = NULL;
}

static void
fiber_free(struct fiber *f)
{
	struct block *b;

	while ((b = f->blocks)) {
		f->blocks = b->next;
		free(b);
	}
	stack_give(&f->all->stacks, f->stack);
	f->all->n--;
	free(f);
}

/* ---- from outside ---- */

struct fibers *
fibers_new(struct loop *loop)
{
	struct fibers *all = xcalloc(1, sizeof *all);

	all->loop = loop;
	TAILQ_INIT(&all->ready);
	TAILQ_INIT(&all->waiting);
	return all;
}

void
fibers_drop(struct fibers *all)
{
	ENSURE(all->n == 0);
	stacks_drop(&all->stacks);
	free(all);
}

size_t
fibers_count(const struct fibers *all)
{
	return all->n;
}

nt
fiber_start(struct fibers *all, fiber_fn *fn, void *arg, struct fiber **ret)
{
	struct fiber *f;

	REQUIRE(all->n < FIBERS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	f = calloc(1, sizeof *f);
	REQUIRE(f, STATUS_INSUFFICIENT_RESOURCES);
	*f	 = (struct fiber){ .all = all, .fn = fn, .arg = arg, .ready = true };
	f->stack = stack_take(&all->stacks);
	if (!f->stack || getcontext(&f->context) != 0) {
		free(f);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	f->context.uc_stack.ss_sp   = stack_base(f->stack);
	f->context.uc_stack.ss_size = stack_size(f->stack);
	f->context.uc_link	    = NULL;
	makecontext(&f->context, fiber_main, 0);
	all->n++;
	TAILQ_INSERT_TAIL(&all->ready, f, of);
	if (ret)
		*ret = f;
	return STATUS_SUCCESS;
}

bool
fibers_run(struct fibers *all)
{
	struct fiber *f;
	bool ran = false;

	while ((f = TAILQ_FIRST(&all->ready))) {
		TAILQ_REMOVE(&all->ready, f, of);
		TAILQ_INSERT_TAIL(&all->waiting, f, of);
		f->ready = false;
		switch_in(f);
		ran = true;
		if (f->done) {
			TAILQ_REMOVE(&all->waiting, f, of);
			fiber_free(f);
		}
	}
	return ran;
}

static void
waitq_leave(struct fiber *f)
{
	struct fiber **at;

	if (!f->on)
		return;
	for (at = &f->on->first; *at != f; at = &(*at)->next)
		;
	*at   = f->next;
	f->on = NULL;
}

static void
fiber_wake(struct fiber *f, nt why)
{
	waitq_leave(f);
	loop_timer_clear(&f->timer);
	if (f->ready)
		return;
	f->woken = why;
	f->ready = true;
	TAILQ_REMOVE(&f->all->waiting, f, of);
	TAILQ_INSERT_TAIL(&f->all->ready, f, of);
}

void
waitq_wake(struct waitq *q)
{
	while (q->first)
		fiber_wake(q->first, STATUS_SUCCESS);
}

void
fiber_cancel(struct fiber *f)
{
	f->cancelled = true;
	if (f != current)
		fiber_wake(f, STATUS_CANCELLED);
}

/* ---- on a fiber ---- */

struct fiber *
fiber_self(void)
{
	return current;
}

void *
fiber_alloc(size_t n)
{
	struct block *b = xcalloc(1, sizeof *b + n);

	b->next		= current->blocks;
	current->blocks = b;
	return b->b;
}

char *
fiber_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(fiber_alloc(n), s, n);
}

nt
fiber_check(void)
{
	return current->cancelled ? STATUS_CANCELLED : STATUS_SUCCESS;
}

static void
on_timer(void *ctx)
{
	struct fiber *f = ctx;

	fiber_wake(f, f->on ? STATUS_IO_TIMEOUT : STATUS_SUCCESS);
}

nt
fiber_wait_ms(struct waitq *q, uint64_t ms)
{
	struct fiber *f = current;

	ENSURE(f);
	TRY(fiber_check());
	f->on = q;
	if (q) {
		f->next	 = q->first;
		q->first = f;
	}
	if (ms != UINT64_MAX)
		loop_timer_set(f->all->loop, &f->timer, ms, on_timer, f);
	switch_out(f);
	return f->cancelled ? STATUS_CANCELLED : f->woken;
}

nt
fiber_wait(struct waitq *q)
{
	return fiber_wait_ms(q, UINT64_MAX);
}
