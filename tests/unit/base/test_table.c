/*
 * test_table.c - handle tables: bounded, and stale ids find nothing.
 */
#include "tests/unit/check.h"

#include "base/table.h"

static int objects[1000];

static void
ids_find_their_objects_until_removed(void **state)
{
	struct table *t = table_new(1000);
	uint64_t ids[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		assert_status(table_add(t, &objects[i], &ids[i]), STATUS_SUCCESS);
	assert_int_equal(table_count(t), 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_ptr_equal(table_find(t, ids[i]), &objects[i]);
	assert_ptr_equal(table_remove(t, ids[500]), &objects[500]);
	assert_null(table_find(t, ids[500]));
	assert_null(table_remove(t, ids[500]));
	assert_int_equal(table_count(t), 999);
	table_drop(t);
}

static void
full_table_refuses_and_leaves_the_output_alone(void **state)
{
	struct table *t = table_new(3);
	uint64_t id	= 0;
	uint64_t kept	= 42;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_status(table_add(t, &objects[i], &id), STATUS_SUCCESS);
	assert_status(table_add(t, &objects[3], &kept), STATUS_INSUFFICIENT_RESOURCES);
	assert_int_equal(kept, 42);
	assert_non_null(table_remove(t, id));
	assert_status(table_add(t, &objects[3], &kept), STATUS_SUCCESS);
	table_drop(t);
}

static void
stale_and_invented_ids_find_nothing(void **state)
{
	struct table *t = table_new(10);
	uint64_t old, new_id;

	(void)state;
	assert_status(table_add(t, &objects[0], &old), STATUS_SUCCESS);
	assert_non_null(table_remove(t, old));
	assert_status(table_add(t, &objects[1], &new_id), STATUS_SUCCESS);
	assert_int_equal((uint32_t)old, (uint32_t)new_id); /* the same slot */
	assert_null(table_find(t, old));
	assert_ptr_equal(table_find(t, new_id), &objects[1]);
	assert_null(table_find(t, 0));
	assert_null(table_find(t, UINT64_MAX));
	assert_null(table_find(t, new_id + 1));
	assert_null(table_find(t, (uint32_t)new_id));
	table_drop(t);
	table_drop(NULL);
}

static void
walk_tolerates_removal_of_the_current_entry(void **state)
{
	struct table *t = table_new(100);
	uint32_t pos	= 0;
	unsigned seen	= 0;
	uint64_t id;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_status(table_add(t, &objects[i], &id), STATUS_SUCCESS);
	while (table_next(t, &pos, &id)) {
		seen++;
		assert_non_null(table_remove(t, id));
	}
	assert_int_equal(seen, 100);
	assert_int_equal(table_count(t), 0);
	pos = 0;
	assert_null(table_next(t, &pos, NULL));
	table_drop(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_find_their_objects_until_removed),
		cmocka_unit_test(full_table_refuses_and_leaves_the_output_alone),
		cmocka_unit_test(stale_and_invented_ids_find_nothing),
		cmocka_unit_test(walk_tolerates_removal_of_the_current_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
