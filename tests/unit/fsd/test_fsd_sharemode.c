/* test_fsd_sharemode.c - the sharing table.  [MS-FSA] 2.1.5.1.2.2 */
#include "fsd/sharemode.h"

#include "proto/smb2/const.h"
#include "tests/unit/check.h"

#define ALL_SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static const struct {
	uint32_t access, share;
} needs[] = {
	{ FILE_READ_DATA, FILE_SHARE_READ },
	{ FILE_EXECUTE, FILE_SHARE_READ },
	{ FILE_WRITE_DATA, FILE_SHARE_WRITE },
	{ FILE_APPEND_DATA, FILE_SHARE_WRITE },
	{ DELETE, FILE_SHARE_DELETE },
};

static void
sharing_each_right_needs_its_bit_of_the_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(needs); i++)
		for (size_t j = 0; j < NELEM(needs); j++) {
			uint32_t share = ALL_SHARED & ~needs[i].share;

			assert_true(sharemode_conflict(needs[i].access, ALL_SHARED,
			    needs[j].access, share));
			assert_true(sharemode_conflict(needs[j].access, share, needs[i].access,
			    ALL_SHARED));
			assert_false(sharemode_conflict(needs[i].access, ALL_SHARED,
			    needs[j].access, ALL_SHARED));
		}
}

static void
sharing_attributes_are_no_ones_business(void **state)
{
	const uint32_t looks = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE;

	(void)state;
	assert_true(access_is_stat(looks));
	assert_false(access_is_stat(looks | READ_CONTROL));
	assert_false(sharemode_conflict(looks, 0, FILE_READ_DATA | FILE_WRITE_DATA | DELETE, 0));
	assert_false(sharemode_conflict(READ_CONTROL, 0, FILE_WRITE_DATA, 0));
	assert_true(sharemode_conflict(FILE_READ_DATA, 0, FILE_READ_DATA, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sharing_each_right_needs_its_bit_of_the_other),
		cmocka_unit_test(sharing_attributes_are_no_ones_business),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
