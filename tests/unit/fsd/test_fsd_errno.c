/* test_fsd_errno.c - what the disk says has the name that clients know. */
#include "fsd/errno.h"

#include <errno.h>

#include "tests/unit/check.h"

static void
errno_of_a_full_or_broken_disk_has_its_own_status(void **state)
{
	(void)state;
	assert_status(nt_from_errno(ENOSPC), STATUS_DISK_FULL);
	assert_status(nt_from_errno(EDQUOT), STATUS_QUOTA_EXCEEDED);
	assert_status(nt_from_errno(EIO), STATUS_IO_DEVICE_ERROR);
	assert_status(nt_from_errno(EROFS), STATUS_MEDIA_WRITE_PROTECTED);
	assert_status(nt_from_errno(EMFILE), STATUS_TOO_MANY_OPENED_FILES);
}

static void
errno_never_becomes_success(void **state)
{
	(void)state;
	for (int err = 0; err < 200; err++)
		assert_true(nt_failed(nt_from_errno(err)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errno_of_a_full_or_broken_disk_has_its_own_status),
		cmocka_unit_test(errno_never_becomes_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
