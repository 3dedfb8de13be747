/*
 * test_loop.c - descriptors, timers, signals, and the order of a tick.
 */
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"

struct world {
	struct loop *loop;
	int fds[4][2];
	struct loop_fd *watch[4]; /* on the heap: a callback may free them */
	struct loop_timer timers[64];
	uint64_t due_before;
	unsigned fired;
	char order[16];
};

static int
world_new(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_new();
	for (int i = 0; i < 4; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, w->fds[i]) != 0)
			return -1;
	}
	*state = w;
	return 0;
}

static int
world_drop(void **state)
{
	struct world *w = *state;

	loop_drop(w->loop);
	for (int i = 0; i < 4; i++) {
		close(w->fds[i][0]);
		close(w->fds[i][1]);
	}
	free(w);
	return 0;
}

static void
note(struct world *w, char c)
{
	size_t n = strlen(w->order);

	if (n < sizeof w->order - 1)
		w->order[n] = c;
}

static void
stop_now(void *ctx)
{
	struct world *w = ctx;

	loop_stop(w->loop, 7);
}

static void
remove_all(void *ctx, uint32_t events)
{
	struct world *w = ctx;

	assert_true(events & EPOLLIN);
	w->fired++;
	for (int i = 0; i < 4; i++) {
		if (!w->watch[i])
			continue;
		loop_del(w->watch[i]);
		loop_del(w->watch[i]); /* twice is once */
		free(w->watch[i]);
		w->watch[i] = NULL;
	}
	loop_stop(w->loop, 3);
}

/* All four are ready; the first callback frees every one of them. */
static void
callback_may_remove_and_free_the_rest_of_the_batch(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 4; i++) {
		w->watch[i] = calloc(1, sizeof *w->watch[i]);
		loop_add(w->loop, w->watch[i], w->fds[i][0], EPOLLIN, remove_all, w);
		assert_int_equal(write(w->fds[i][1], "x", 1), 1);
	}
	assert_int_equal(loop_run(w->loop), 3);
	assert_int_equal(w->fired, 1);
}

struct ring {
	struct world *w;
	unsigned index;
};

static void
timer_in_order(void *ctx)
{
	struct ring *r = ctx;

	assert_true(r->w->timers[r->index].due >= r->w->due_before);
	r->w->due_before = r->w->timers[r->index].due;
	r->w->fired++;
}

static void
timers_fire_in_order_of_their_time(void **state)
{
	struct world *w = *state;
	struct ring rings[64];
	struct loop_timer end = { 0 };

	for (unsigned i = 0; i < 64; i++) {
		rings[i] = (struct ring){ w, i };
		loop_timer_set(w->loop, &w->timers[i], (i * 37) % 16, timer_in_order, &rings[i]);
	}
	for (unsigned i = 0; i < 64; i += 4)
		loop_timer_clear(&w->timers[i]);
	loop_timer_set(w->loop, &end, 20, stop_now, w);
	assert_int_equal(loop_run(w->loop), 7);
	assert_int_equal(w->fired, 48);
}

static void
timer_again(void *ctx)
{
	struct world *w = ctx;

	if (++w->fired < 3)
		loop_timer_set(w->loop, &w->timers[0], 0, timer_again, w);
	else
		loop_stop(w->loop, 0);
}

static void
timer_may_be_set_again_by_itself(void **state)
{
	struct world *w = *state;

	loop_timer_set(w->loop, &w->timers[0], 1000000, timer_again, w);
	loop_timer_set(w->loop, &w->timers[0], 1, timer_again, w); /* replaces the first */
	assert_int_equal(loop_run(w->loop), 0);
	assert_int_equal(w->fired, 3);
	assert_int_equal(w->timers[0].slot, 0);
}

static bool
poll_once(void *ctx)
{
	struct world *w = ctx;

	note(w, 'p');
	return w->fired++ == 0; /* work in the first round only */
}

static void
tick_first(void *ctx)
{
	note(ctx, '1');
}

static void
tick_second(void *ctx)
{
	struct world *w = ctx;

	note(w, '2');
	if (w->fired >= 2)
		loop_stop(w->loop, 0);
}

static void
readable(void *ctx, uint32_t events)
{
	struct world *w = ctx;

	(void)events;
	note(w, 'f');
	loop_mod(w->watch[0], 0);
}

/* What a poll brought goes first to the ticks, in order; descriptors are asked in the next round. */
static void
round_goes_polls_descriptors_ticks(void **state)
{
	struct world *w = *state;
	struct loop_poll poll;
	struct loop_tick t1, t2;
	struct loop_timer wake = { 0 };

	w->watch[0] = calloc(1, sizeof *w->watch[0]);
	loop_on_poll(w->loop, &poll, poll_once, w);
	loop_on_tick(w->loop, &t1, tick_first, w);
	loop_on_tick(w->loop, &t2, tick_second, w);
	loop_add(w->loop, w->watch[0], w->fds[0][0], EPOLLIN, readable, w);
	assert_int_equal(write(w->fds[0][1], "x", 1), 1);
	loop_timer_set(w->loop, &wake, 5, stop_now, w);
	(void)loop_run(w->loop);
	assert_string_equal(w->order, "p12pf12");
	loop_timer_clear(&wake);
	loop_del(w->watch[0]);
	free(w->watch[0]);
}

static bool
poll_always(void *ctx)
{
	(void)ctx;
	return true;
}

static void
readable_stops(void *ctx, uint32_t events)
{
	struct world *w = ctx;

	(void)events;
	loop_stop(w->loop, 7);
}

static void
busy_polls_do_not_starve_descriptors(void **state)
{
	struct world *w        = *state;
	struct loop_fd watch   = { 0 };
	struct loop_timer wake = { 0 };
	struct loop_poll poll;

	loop_on_poll(w->loop, &poll, poll_always, w);
	loop_add(w->loop, &watch, w->fds[0][0], EPOLLIN, readable_stops, w);
	assert_int_equal(write(w->fds[0][1], "x", 1), 1);
	loop_timer_set(w->loop, &wake, 2000, stop_now, w);
	assert_int_equal(loop_run(w->loop), 7);
	loop_timer_clear(&wake);
	loop_del(&watch);
}

static void
signalled(void *ctx, int signo)
{
	struct world *w = ctx;

	note(w, signo == SIGUSR1 ? '1' : '2');
	if (strlen(w->order) == 2)
		loop_stop(w->loop, 0);
}

static void
signals_come_through_the_loop(void **state)
{
	struct world *w = *state;

	loop_on_signal(w->loop, SIGUSR1, signalled, w);
	loop_on_signal(w->loop, SIGUSR2, signalled, w);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(raise(SIGUSR2), 0);
	assert_int_equal(loop_run(w->loop), 0);
	assert_string_equal(w->order, "12");
}

static void
zeroed_watches_and_timers_may_be_removed(void **state)
{
	struct loop_fd f    = { 0 };
	struct loop_timer t = { 0 };

	(void)state;
	loop_del(&f);
	loop_timer_clear(&t);
	assert_null(f.loop);
	assert_int_equal(t.slot, 0);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(callback_may_remove_and_free_the_rest_of_the_batch),
		WORLD_TEST(timers_fire_in_order_of_their_time),
		WORLD_TEST(timer_may_be_set_again_by_itself),
		WORLD_TEST(round_goes_polls_descriptors_ticks),
		WORLD_TEST(busy_polls_do_not_starve_descriptors),
		WORLD_TEST(signals_come_through_the_loop),
		cmocka_unit_test(zeroed_watches_and_timers_may_be_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
