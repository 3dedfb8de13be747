/*
 * test_hex.c - bytes of hexadecimal digits, or nothing at all.
 */
#include "tests/unit/check.h"

#include "base/hex.h"

static void
digits_of_either_case_are_bytes(void **state)
{
	static const uint8_t want[] = { 0x00, 0x9a, 0xaf, 0xff };
	uint8_t got[sizeof want];

	(void)state;
	assert_true(hex_read(SPAN_STR("009AaFff"), got, sizeof got));
	assert_memory_equal(got, want, sizeof want);
}

static void
what_is_no_number_of_that_many_bytes_leaves_none(void **state)
{
	static const char *const bad[] = { "", "0", "112", "11223", "112233", "1122334455", "112233440",
					   "1122334g", "g1223344", "11 22334", "0x112233", "1122:344",
					   "1122334/", "1122334@", "1122334`" };
	static const uint8_t zero[4];
	uint8_t got[4];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		memset(got, 0xee, sizeof got);
		assert_false(hex_read(SPAN_STR(bad[i]), got, sizeof got));
		assert_memory_equal(got, zero, sizeof got);
	}
	assert_false(hex_read(SPAN_NONE, got, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_of_either_case_are_bytes),
		cmocka_unit_test(what_is_no_number_of_that_many_bytes_leaves_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
