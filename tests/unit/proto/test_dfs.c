/*
 * test_dfs.c - a referral as a server sends it, whole, cut and lying.  [MS-DFSC] 2.2.5.3
 */
#include "base/utf16.h"
#include "proto/smb2/dfs.h"
#include "tests/unit/check.h"

/* One version 4 entry: \h\s\l is \t\u. */
static struct span
answer(uint8_t *room, size_t cap, uint16_t version, uint16_t count)
{
	struct wr w = wr_init(room, cap);

	wr_u16(&w, 12);
	wr_u16(&w, count);
	wr_u32(&w, 2);
	wr_u16(&w, version);
	wr_u16(&w, 34);
	wr_u16(&w, 0);
	wr_u16(&w, 0);
	wr_u32(&w, 300);
	wr_u16(&w, 34);
	wr_u16(&w, 34);
	wr_u16(&w, 34 + 14);
	wr_zero(&w, 16);
	(void)wr_utf16(&w, "\\h\\s\\l");
	wr_u16(&w, 0);
	(void)wr_utf16(&w, "\\t\\u");
	wr_u16(&w, 0);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static void
a_target_is_found(void **state)
{
	struct dfs_referral ref;
	uint8_t room[256];
	char text[64];
	size_t n;

	(void)state;
	assert_status(dfs_referral_decode(answer(room, sizeof room, 4, 1), &ref), STATUS_SUCCESS);
	assert_int_equal(ref.count, 1);
	assert_int_equal(ref.path_consumed, 12);
	assert_status(utf16_to_utf8(ref.target[0], text, sizeof text, &n), STATUS_SUCCESS);
	assert_string_equal(text, "\\t\\u");
}

static void
a_referral_cut_anywhere_is_refused(void **state)
{
	struct dfs_referral ref;
	uint8_t room[256];
	struct span whole = answer(room, sizeof room, 3, 1);

	(void)state;
	for (size_t n = 0; n < whole.n; n++)
		assert_status(dfs_referral_decode(SPAN(whole.p, n), &ref),
			      STATUS_INVALID_PARAMETER);
}

static void
more_entries_than_there_are_is_refused(void **state)
{
	struct dfs_referral ref;
	uint8_t room[256];

	(void)state;
	assert_status(dfs_referral_decode(answer(room, sizeof room, 4, 2), &ref),
		      STATUS_INVALID_PARAMETER);
	assert_status(dfs_referral_decode(answer(room, sizeof room, 4, 0), &ref),
		      STATUS_INVALID_PARAMETER);
	assert_status(dfs_referral_decode(answer(room, sizeof room, 7, 1), &ref),
		      STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_found),
		cmocka_unit_test(a_referral_cut_anywhere_is_refused),
		cmocka_unit_test(more_entries_than_there_are_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
