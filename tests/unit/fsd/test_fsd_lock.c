/* test_fsd_lock.c - byte ranges.  [MS-FSA] 2.1.4.10 */
#include "fsd/lock.h"

#include "fsd/file.h"
#include "fsd/handle.h"
#include "tests/unit/check.h"

static struct handle a, b;

static struct file *
fresh(struct file *f)
{
	*f                = (struct file){ 0 };
	f->lock_waits_end = &f->lock_waits;
	return f;
}

static void
drop(struct file *f)
{
	locks_release(f, &a);
	locks_release(f, &b);
	assert_null(f->locks);
}

static void
lock_shared_ones_get_along(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 0, 10, false), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 5, 10, false), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 5, 10, true), STATUS_LOCK_NOT_GRANTED);
	drop(f);
}

static void
lock_shared_goes_over_own_exclusive_only(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 0, 10, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &a, 0, 10, true), STATUS_LOCK_NOT_GRANTED);
	assert_status(lock_add(f, &a, 0, 10, false), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 0, 10, false), STATUS_LOCK_NOT_GRANTED);
	assert_status(lock_remove(f, &a, 0, 10), STATUS_SUCCESS);	/* the exclusive one */
	assert_status(lock_add(f, &b, 0, 10, false), STATUS_SUCCESS);
	drop(f);
}

static void
lock_removes_exact_ranges_only(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 10, 10, true), STATUS_SUCCESS);
	assert_status(lock_remove(f, &a, 10, 9), STATUS_RANGE_NOT_LOCKED);
	assert_status(lock_remove(f, &a, 9, 11), STATUS_RANGE_NOT_LOCKED);
	assert_status(lock_remove(f, &b, 10, 10), STATUS_RANGE_NOT_LOCKED);
	assert_status(lock_remove(f, &a, 10, 10), STATUS_SUCCESS);
	assert_status(lock_remove(f, &a, 10, 10), STATUS_RANGE_NOT_LOCKED);
	drop(f);
}

static void
lock_ranges_reach_the_end_of_64_bits(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_check_range(UINT64_MAX, 1), STATUS_SUCCESS);
	assert_status(lock_check_range(UINT64_MAX, 2), STATUS_INVALID_LOCK_RANGE);
	assert_status(lock_check_range(1, UINT64_MAX), STATUS_SUCCESS);
	assert_status(lock_check_range(2, UINT64_MAX), STATUS_INVALID_LOCK_RANGE);
	assert_status(lock_check_range(UINT64_MAX, 0), STATUS_SUCCESS);
	assert_status(lock_add(f, &a, UINT64_MAX, 1, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, UINT64_MAX - 1, 1, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, UINT64_MAX - 1, 2, true), STATUS_LOCK_NOT_GRANTED);
	drop(f);
}

static void
lock_empty_range_conflicts_inside_only(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 10, 0, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 10, 0, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 5, 5, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 10, 5, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &b, 9, 2, false), STATUS_LOCK_NOT_GRANTED);
	drop(f);
}

static void
lock_keeps_others_from_reading_and_writing(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 0, 10, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &a, 20, 10, false), STATUS_SUCCESS);
	assert_status(lock_check_io(f, &a, 0, 10, true), STATUS_SUCCESS);
	assert_status(lock_check_io(f, &b, 9, 1, false), STATUS_FILE_LOCK_CONFLICT);
	assert_status(lock_check_io(f, &b, 10, 10, true), STATUS_SUCCESS);
	assert_status(lock_check_io(f, &b, 20, 1, false), STATUS_SUCCESS);
	assert_status(lock_check_io(f, &b, 20, 1, true), STATUS_FILE_LOCK_CONFLICT);
	assert_status(lock_check_io(f, &a, 20, 1, true), STATUS_FILE_LOCK_CONFLICT);
	assert_status(lock_check_io(f, &b, 5, 0, true), STATUS_SUCCESS);
	drop(f);
}

static void
lock_undo_takes_back_the_last(void **state)
{
	struct file file, *f = fresh(&file);

	(void)state;
	assert_status(lock_add(f, &a, 0, 10, true), STATUS_SUCCESS);
	assert_status(lock_add(f, &a, 0, 10, false), STATUS_SUCCESS);
	lock_undo(f);
	assert_int_equal(locks_of(f, &a), 1);
	assert_true(f->locks->exclusive);
	drop(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_shared_ones_get_along),
		cmocka_unit_test(lock_shared_goes_over_own_exclusive_only),
		cmocka_unit_test(lock_removes_exact_ranges_only),
		cmocka_unit_test(lock_ranges_reach_the_end_of_64_bits),
		cmocka_unit_test(lock_empty_range_conflicts_inside_only),
		cmocka_unit_test(lock_keeps_others_from_reading_and_writing),
		cmocka_unit_test(lock_undo_takes_back_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
