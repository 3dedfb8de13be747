/*
 * test_clientd_parts.c - fibers, paths and the set of seen names by themselves.
 */
#include "clientd/session/open.h"
#include "clientd/session/seen.h"
#include "tests/unit/check.h"

/* ---- fibers ---- */

static struct loop *loop;
static struct fibers *fibers;
static struct loop_tick tick;
static struct waitq q;
static int steps;
static nt got;

static void
on_tick(void *ctx)
{
	(void)ctx;
	(void)fibers_run(fibers);
	if (fibers_count(fibers) == 0)
		loop_stop(loop, 0);
}

static void
fibers_begin(void)
{
	loop   = loop_new();
	fibers = fibers_new(loop);
	tick   = (struct loop_tick){ 0 };
	steps  = 0;
	loop_on_tick(loop, &tick, on_tick, NULL);
}

static void
fibers_end(void)
{
	fibers_drop(fibers);
	loop_drop(loop);
}

static void
waits(void *arg)
{
	char *mine = fiber_strdup("kept across waits");

	steps++;
	got = arg ? fiber_wait_ms(&q, 5) : fiber_wait(&q);
	assert_string_equal(mine, "kept across waits");
	steps++;
}

static void
a_fiber_goes_on_where_it_waited(void **state)
{
	(void)state;
	fibers_begin();
	assert_status(fiber_start(fibers, waits, NULL, NULL), STATUS_SUCCESS);
	assert_true(fibers_run(fibers));
	assert_int_equal(steps, 1);
	assert_false(fibers_run(fibers));
	waitq_wake(&q);
	assert_true(fibers_run(fibers));
	assert_int_equal(steps, 2);
	assert_status(got, STATUS_SUCCESS);
	assert_int_equal(fibers_count(fibers), 0);
	fibers_end();
}

static void
a_wait_has_a_limit(void **state)
{
	(void)state;
	fibers_begin();
	assert_status(fiber_start(fibers, waits, &q, NULL), STATUS_SUCCESS);
	(void)fibers_run(fibers);
	(void)loop_run(loop);
	assert_status(got, STATUS_IO_TIMEOUT);
	assert_null(q.first);
	fibers_end();
}

static void
twice_cancelled(void *arg)
{
	(void)arg;
	got = fiber_wait(&q);
	assert_status(fiber_wait(&q), STATUS_CANCELLED);
	steps++;
}

static void
a_cancelled_fiber_waits_no_more(void **state)
{
	struct fiber *f;

	(void)state;
	fibers_begin();
	assert_status(fiber_start(fibers, twice_cancelled, NULL, &f), STATUS_SUCCESS);
	(void)fibers_run(fibers);
	fiber_cancel(f);
	(void)fibers_run(fibers);
	assert_status(got, STATUS_CANCELLED);
	assert_int_equal(steps, 1);
	assert_null(q.first);
	fibers_end();
}

static void
fibers_are_bounded(void **state)
{
	(void)state;
	fibers_begin();
	for (unsigned i = 0; i < FIBERS_MAX; i++)
		assert_status(fiber_start(fibers, waits, NULL, NULL), STATUS_SUCCESS);
	assert_status(fiber_start(fibers, waits, NULL, NULL), STATUS_INSUFFICIENT_RESOURCES);
	(void)fibers_run(fibers);
	waitq_wake(&q);
	(void)fibers_run(fibers);
	assert_int_equal(steps, 2 * FIBERS_MAX);
	fibers_end();
}

/* ---- paths ---- */

static void
paths_lose_what_means_nothing(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = { { "", "" },	  { "/", "" },		{ "a", "a" },
		     { "/a/b/", "a\\b" }, { "a\\\\b//c", "a\\b\\c" }, { "a:s", "a:s" } };
	uint8_t room[256];
	char text[256];
	size_t n;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct wr w = wr_init(room, sizeof room);

		assert_status(path_encode(rows[i].in, &w), STATUS_SUCCESS);
		assert_status(utf16_to_utf8(wr_done(&w), text, sizeof text, &n), STATUS_SUCCESS);
		assert_string_equal(text, rows[i].out);
	}
}

static void
paths_that_climb_are_refused(void **state)
{
	static const char *const bad[] = { "..", "a/../b", "./a", "a\\.", "a/..", "\xff" };
	uint8_t room[256];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct wr w = wr_init(room, sizeof room);

		assert_status(path_encode(bad[i], &w), STATUS_OBJECT_NAME_INVALID);
	}
}

/* ---- seen names ---- */

static void
a_name_is_seen_once(void **state)
{
	struct seen s = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof name, "name-%d", i);
		assert_status(seen_add(&s, name), STATUS_SUCCESS);
	}
	assert_status(seen_add(&s, "name-17"), STATUS_OBJECT_NAME_COLLISION);
	assert_status(seen_add(&s, "Name-17"), STATUS_SUCCESS);
	assert_status(seen_add(&s, ""), STATUS_SUCCESS);
	seen_drop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fiber_goes_on_where_it_waited),
		cmocka_unit_test(a_wait_has_a_limit),
		cmocka_unit_test(a_cancelled_fiber_waits_no_more),
		cmocka_unit_test(fibers_are_bounded),
		cmocka_unit_test(paths_lose_what_means_nothing),
		cmocka_unit_test(paths_that_climb_are_refused),
		cmocka_unit_test(a_name_is_seen_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
