/*
 * test_dfs.c - referrals as a server sends them, whole, cut and lying.  [MS-DFSC] 2.2.5.3
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
	assert_int_equal(ref.ttl, 300);
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

/* 2.2.5.3.2: a domain, and two of its controllers. */
struct names {
	uint16_t version, size, flags, special, count, expanded;
};
static const struct names honest = { 3, 34, 2, 34, 2, 34 + 8 };

static struct span
names(uint8_t *room, size_t cap, const struct names *n)
{
	struct wr w = wr_init(room, cap);

	wr_u16(&w, 0);
	wr_u16(&w, 1);
	wr_u32(&w, 0);
	wr_u16(&w, n->version);
	wr_u16(&w, n->size);
	wr_u16(&w, 0);
	wr_u16(&w, n->flags);
	wr_u32(&w, 600);
	wr_u16(&w, n->special);
	wr_u16(&w, n->count);
	wr_u16(&w, n->expanded);
	wr_zero(&w, 16);
	(void)wr_utf16(&w, "\\ad");
	wr_u16(&w, 0);
	(void)wr_utf16(&w, "\\d1.ad");
	wr_u16(&w, 0);
	(void)wr_utf16(&w, "\\d2.ad");
	wr_u16(&w, 0);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static void
assert_text(struct span utf16, const char *want)
{
	char text[64];
	size_t n;

	assert_status(utf16_to_utf8(utf16, text, sizeof text, &n), STATUS_SUCCESS);
	assert_string_equal(text, want);
}

static void
controllers_are_found(void **state)
{
	struct dfs_names got;
	uint8_t room[256];

	(void)state;
	assert_status(dfs_names_decode(names(room, sizeof room, &honest), &got), STATUS_SUCCESS);
	assert_text(got.special, "\\ad");
	assert_int_equal(got.count, 2);
	assert_text(got.name[0], "\\d1.ad");
	assert_text(got.name[1], "\\d2.ad");
}

static void
controllers_cut_anywhere_are_refused(void **state)
{
	struct dfs_names got;
	uint8_t room[256];
	struct span whole = names(room, sizeof room, &honest);

	(void)state;
	for (size_t n = 0; n < whole.n; n++)
		assert_status(dfs_names_decode(SPAN(whole.p, n), &got), STATUS_INVALID_PARAMETER);
}

static void
controllers_that_lie_are_refused(void **state)
{
	static const struct names rows[] = {
		{ 2, 34, 2, 34, 2, 42 },	/* version 2 has no names */
		{ 5, 34, 2, 34, 2, 42 },
		{ 3, 16, 2, 34, 2, 42 },	/* smaller than itself */
		{ 3, 34, 0, 34, 2, 42 },	/* a target */
		{ 3, 34, 2, 4, 2, 42 },		/* strings inside of the entry */
		{ 3, 34, 2, 34, 2, 4 },
		{ 3, 34, 2, 999, 2, 42 },
		{ 3, 34, 2, 34, 2, 999 },
		{ 3, 34, 2, 34, 3, 42 },	/* more than there are */
		{ 3, 34, 2, 34, 2, 40 },	/* the first is empty */
	};
	struct dfs_names got;
	struct dfs_referral ref;
	uint8_t room[256];

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_status(dfs_names_decode(names(room, sizeof room, &rows[i]), &got),
			      STATUS_INVALID_PARAMETER);
	assert_status(dfs_referral_decode(names(room, sizeof room, &honest), &ref),
		      STATUS_INVALID_PARAMETER);
	assert_status(dfs_names_decode(answer(room, sizeof room, 4, 1), &got),
		      STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_found),
		cmocka_unit_test(a_referral_cut_anywhere_is_refused),
		cmocka_unit_test(more_entries_than_there_are_is_refused),
		cmocka_unit_test(controllers_are_found),
		cmocka_unit_test(controllers_cut_anywhere_are_refused),
		cmocka_unit_test(controllers_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
