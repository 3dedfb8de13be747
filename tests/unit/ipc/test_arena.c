/* test_arena.c - slots: allocation, exhaustion, untrusted indices, seals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/arena.h"
#include "tests/unit/check.h"

static struct arena *
arena_of(uint32_t slots)
{
	struct arena *a = NULL;
	int fd          = arena_memfd(slots);

	assert_true(fd >= 0);
	assert_status(arena_map(fd, slots, &a), STATUS_SUCCESS);
	return a;
}

static void
runs_do_not_overlap_and_come_back(void **state)
{
	struct arena *a = arena_of(8);
	uint32_t one, run, last;

	(void)state;
	assert_status(arena_alloc(a, 1, &one), STATUS_SUCCESS);
	assert_status(arena_alloc(a, 3 * ARENA_SLOT + 1, &run), STATUS_SUCCESS);
	assert_true(run > one || run + 4 <= one);
	assert_int_equal(arena_slots_free(a), 3);
	assert_status(arena_alloc(a, 4 * ARENA_SLOT, &last), STATUS_INSUFFICIENT_RESOURCES);
	arena_free(a, run, 3 * ARENA_SLOT + 1);
	assert_status(arena_alloc(a, 4 * ARENA_SLOT, &last), STATUS_SUCCESS);
	arena_free(a, last, 4 * ARENA_SLOT);
	arena_free(a, one, 1);
	assert_int_equal(arena_slots_free(a), 8);
	arena_drop(a);
}

static void
an_index_from_a_peer_cannot_point_outside(void **state)
{
	struct arena *a = arena_of(4);

	(void)state;
	assert_non_null(arena_at(a, 0, 4 * ARENA_SLOT));
	assert_non_null(arena_at(a, 3, ARENA_SLOT));
	assert_null(arena_at(a, 3, ARENA_SLOT + 1));
	assert_null(arena_at(a, 4, 1));
	assert_null(arena_at(a, SLOT_NONE, 0));
	assert_null(arena_at(a, 1, SIZE_MAX));
	assert_null(arena_at(NULL, 0, 1));
	arena_drop(a);
}

static void
both_ends_see_the_same_bytes(void **state)
{
	struct arena *a = NULL, *b = NULL;
	int fd = arena_memfd(2);

	(void)state;
	assert_status(arena_map(dup(fd), 2, &a), STATUS_SUCCESS);
	assert_status(arena_map(fd, 2, &b), STATUS_SUCCESS);
	strcpy(arena_at(a, 1, 6), "hello");
	assert_string_equal(arena_at(b, 1, 6), "hello");
	arena_drop(a);
	arena_drop(b);
}

static void
a_memfd_that_can_shrink_is_refused(void **state)
{
	struct arena *a = NULL;
	int fd          = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * ARENA_SLOT), 0);
	assert_status(arena_map(fd, 2, &a), STATUS_INVALID_PARAMETER);
	assert_null(a);
	fd = arena_memfd(2);
	assert_true(ftruncate(fd, ARENA_SLOT) != 0);
	assert_status(arena_map(fd, 3, &a), STATUS_INVALID_PARAMETER);
	assert_null(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_do_not_overlap_and_come_back),
		cmocka_unit_test(an_index_from_a_peer_cannot_point_outside),
		cmocka_unit_test(both_ends_see_the_same_bytes),
		cmocka_unit_test(a_memfd_that_can_shrink_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
