/* test_ring.c - the stream arrives whole, the bell rings when needed, counters are not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/ring.h"
#include "tests/unit/check.h"

static struct {
	struct ring *a, *b;
	uint8_t *mem;		/* what a hostile side sees */
	size_t size;
} t;

static int
ring_open(void **state)
{
	int memfd = ring_memfd();
	int x = eventfd(0, EFD_NONBLOCK), y = eventfd(0, EFD_NONBLOCK);

	(void)state;
	t.size = (size_t)lseek(memfd, 0, SEEK_END);
	t.mem  = mmap(NULL, t.size, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	assert_true(t.mem != MAP_FAILED);
	assert_status(ring_map(dup(memfd), dup(x), dup(y), 0, &t.a), STATUS_SUCCESS);
	assert_status(ring_map(memfd, y, x, 1, &t.b), STATUS_SUCCESS);
	return 0;
}

static int
ring_close(void **state)
{
	(void)state;
	ring_drop(t.a);
	ring_drop(t.b);
	return munmap(t.mem, t.size);
}

static bool
bell_has_rung(struct ring *r)
{
	struct pollfd p = { .fd = ring_bell(r), .events = POLLIN };
	uint64_t n;

	return poll(&p, 1, 0) == 1 && read(ring_bell(r), &n, sizeof n) == sizeof n;
}

/* Pieces of every size, through many times the ring's length, both ways. */
static void
a_long_stream_arrives_whole(void **state)
{
	static uint8_t out[65536], in[65536];
	uint8_t next_out = 0, next_in = 0;
	size_t n, total = 0;

	(void)state;
	srand(1);
	while (total < 4u << 20) {
		size_t want = 1 + (size_t)rand() % sizeof out;

		for (size_t i = 0; i < want; i++)
			out[i] = (uint8_t)(next_out + i);
		assert_status(ring_write(t.a, SPAN(out, want), &n), STATUS_SUCCESS);
		next_out = (uint8_t)(next_out + n);
		assert_status(ring_read(t.b, in, 1 + (size_t)rand() % sizeof in, &n), STATUS_SUCCESS);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(in[i], next_in++);
		total += n;
	}
}

static void
the_bell_rings_only_for_who_sleeps(void **state)
{
	uint8_t byte;
	size_t n;

	(void)state;
	assert_status(ring_write(t.a, SPAN("x", 1), &n), STATUS_SUCCESS);
	assert_false(bell_has_rung(t.b));
	assert_true(ring_sleep(t.b));		/* something is there: do not sleep */
	assert_status(ring_read(t.b, &byte, 1, &n), STATUS_SUCCESS);
	assert_false(ring_sleep(t.b));
	assert_status(ring_write(t.a, SPAN("y", 1), &n), STATUS_SUCCESS);
	assert_true(bell_has_rung(t.b));
	assert_status(ring_read(t.b, &byte, 1, &n), STATUS_SUCCESS);
	assert_int_equal(byte, 'y');
}

static void
who_found_it_full_is_told_of_room(void **state)
{
	static uint8_t bulk[1 << 20];
	size_t n, got;

	(void)state;
	assert_status(ring_write(t.a, SPAN(bulk, sizeof bulk), &n), STATUS_SUCCESS);
	assert_true(n < sizeof bulk);
	assert_status(ring_read(t.b, bulk, 1000, &got), STATUS_SUCCESS);
	assert_true(bell_has_rung(t.a));
	assert_status(ring_write(t.a, SPAN(bulk, sizeof bulk), &n), STATUS_SUCCESS);
	assert_int_equal(n, got);
}

/* The counters stand in the first page; whatever they say, we neither crash nor loop. */
static void
counters_out_of_range_are_refused(void **state)
{
	static uint8_t in[1 << 20];
	nt written, read_;
	size_t n;

	(void)state;
	memset(t.mem, 0x7f, 4096);
	written = ring_write(t.a, SPAN("x", 1), &n);
	assert_status(written, STATUS_INVALID_PARAMETER);
	memset(t.mem, 0x7f, 4096);
	read_ = ring_read(t.b, in, sizeof in, &n);
	assert_status(read_, STATUS_INVALID_PARAMETER);
}

static void
a_memfd_of_another_size_is_refused(void **state)
{
	struct ring *r = NULL;
	int fd         = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_status(ring_map(fd, eventfd(0, 0), eventfd(0, 0), 0, &r), STATUS_INVALID_PARAMETER);
	assert_null(r);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, ring_open, ring_close)
	const struct CMUnitTest tests[] = {
		T(a_long_stream_arrives_whole),
		T(the_bell_rings_only_for_who_sleeps),
		T(who_found_it_full_is_told_of_room),
		T(counters_out_of_range_are_refused),
		T(a_memfd_of_another_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
