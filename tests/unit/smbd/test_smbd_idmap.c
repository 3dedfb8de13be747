/* test_smbd_idmap.c - a map of numbers that others chose. */
#include "smbd/idmap.h"
#include "tests/unit/check.h"

#define MANY 5000u

static uint8_t things[MANY];

static void
idmap_finds_what_was_put_and_nothing_else(void **state)
{
	struct idmap m = { 0 };

	(void)state;
	assert_null(idmap_find(&m, 7));
	for (uint32_t i = 0; i < MANY; i++)
		assert_status(idmap_put(&m, i * UINT64_C(0x100000000) + 3, &things[i]), STATUS_SUCCESS);
	assert_int_equal(m.count, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_ptr_equal(idmap_find(&m, i * UINT64_C(0x100000000) + 3), &things[i]);
	assert_null(idmap_find(&m, 4));
	idmap_drop(&m);
}

/* Removal moves rows: whoever is left must still be found. */
static void
idmap_keeps_the_rest_when_some_go(void **state)
{
	struct idmap m = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		assert_status(idmap_put(&m, i, &things[i]), STATUS_SUCCESS);
	for (uint32_t i = 0; i < MANY; i += 3)
		assert_ptr_equal(idmap_remove(&m, i), &things[i]);
	for (uint32_t i = 0; i < MANY; i++)
		assert_ptr_equal(idmap_find(&m, i), i % 3 == 0 ? NULL : &things[i]);
	assert_null(idmap_remove(&m, 0));
	idmap_drop(&m);
}

static void
idmap_walk_sees_each_once(void **state)
{
	struct idmap m = { 0 };
	uint32_t pos = 0, n = 0;

	(void)state;
	memset(things, 0, sizeof things);
	for (uint32_t i = 0; i < 100; i++)
		assert_status(idmap_put(&m, i, &things[i]), STATUS_SUCCESS);
	for (uint8_t *p; (p = idmap_next(&m, &pos)); n++)
		assert_int_equal((*p)++, 0);
	assert_int_equal(n, 100);
	idmap_drop(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idmap_finds_what_was_put_and_nothing_else),
		cmocka_unit_test(idmap_keeps_the_rest_when_some_go),
		cmocka_unit_test(idmap_walk_sees_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
