/* test_smbd_path.c - names off the wire.  [MS-SMB2] 3.3.5.7, 3.3.5.9; [MS-FSCC] 2.1.5 */
#include "base/utf16.h"
#include "smbd/path.h"
#include "tests/unit/check.h"

static char room[PATH_BOUND + 1];

static struct span
wide(const char *s)
{
	static uint8_t b[2 * (PATH_BOUND + 16)];
	struct wr w = wr_init(b, sizeof b);

	wr_utf16(&w, s);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static nt
convert(const char *name, struct str *ret)
{
	return path_from_wire(wide(name), room, sizeof room, ret);
}

static void
path_turns_backslashes_into_slashes(void **state)
{
	struct str s;

	(void)state;
	assert_status(convert("dir\\sub\\f\xc3\xa4.txt", &s), STATUS_SUCCESS);
	assert_string_equal(s.s, "dir/sub/f\xc3\xa4.txt");
	assert_int_equal(s.n, strlen(s.s));
}

static void
path_empty_is_the_root(void **state)
{
	struct str s;

	(void)state;
	assert_status(path_from_wire(SPAN_NONE, room, sizeof room, &s), STATUS_SUCCESS);
	assert_int_equal(s.n, 0);
}

static void
path_drops_one_backslash_at_the_end(void **state)
{
	struct str s;

	(void)state;
	assert_status(convert("dir\\", &s), STATUS_SUCCESS);
	assert_string_equal(s.s, "dir");
	assert_status(convert("dir\\\\", &s), STATUS_OBJECT_NAME_INVALID);
}

static void
path_refuses_a_leading_backslash(void **state)
{
	struct str s;

	(void)state;
	assert_status(convert("\\dir", &s), STATUS_INVALID_PARAMETER);
	assert_status(convert("\\", &s), STATUS_INVALID_PARAMETER);
}

static void
path_refuses_what_would_climb(void **state)
{
	static const char *const bad[]  = { "..", "..\\a", "a\\..\\..", "a\\..\\..\\b" };
	static const char *const idle[] = { ".", "a\\.\\b", "a\\\\b", "a\\b\\\\" };
	struct str s;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(convert(bad[i], &s), STATUS_OBJECT_PATH_SYNTAX_BAD);
	for (size_t i = 0; i < NELEM(idle); i++)
		assert_status(convert(idle[i], &s), STATUS_OBJECT_NAME_INVALID);
	assert_status(convert("...", &s), STATUS_SUCCESS);
	assert_status(convert("a\\..b", &s), STATUS_SUCCESS);
}

static void
path_takes_back_what_stands_before_two_dots(void **state)
{
	static const char *const rows[][2] = { { "a\\..\\b", "b" }, { "a\\..", "" },
		{ "a\\b\\..", "a" }, { "a\\bc\\..\\d\\e", "a/d/e" }, { "a\\b\\..\\..\\c", "c" } };
	struct str s;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_status(convert(rows[i][0], &s), STATUS_SUCCESS);
		assert_string_equal(s.s, rows[i][1]);
		assert_int_equal(s.n, strlen(rows[i][1]));
	}
}

static void
path_refuses_characters_that_no_name_has(void **state)
{
	static const char *const bad[] = { "a*", "a?", "a<", "a>", "a|", "a\"", "a/b", "a\x01" };
	struct str s;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(convert(bad[i], &s), STATUS_OBJECT_NAME_INVALID);
}

static void
path_refuses_nul_and_odd_lengths(void **state)
{
	static const uint8_t nul[] = { 'a', 0, 0, 0, 'b', 0 };
	struct str s;

	(void)state;
	assert_status(path_from_wire(SPAN(nul, 6), room, sizeof room, &s), STATUS_OBJECT_NAME_INVALID);
	assert_status(path_from_wire(SPAN(nul, 1), room, sizeof room, &s), STATUS_OBJECT_NAME_INVALID);
}

static void
path_refuses_more_than_it_may_hold(void **state)
{
	static char deep[PATH_BOUND + 2];
	struct str s;

	(void)state;
	memset(deep, 'x', sizeof deep - 1);
	assert_status(convert(deep, &s), STATUS_OBJECT_NAME_INVALID);
	deep[PATH_BOUND] = '\0';
	assert_status(convert(deep, &s), STATUS_SUCCESS);
}

static void
share_is_what_follows_the_server(void **state)
{
	struct str s;

	(void)state;
	assert_status(path_share_from_wire(wide("\\\\127.0.0.1\\Data"), room, sizeof room, &s),
	    STATUS_SUCCESS);
	assert_string_equal(s.s, "Data");
}

static void
share_must_stand_alone_behind_a_server(void **state)
{
	static const char *const bad[] = { "", "Data", "\\\\", "\\\\srv", "\\\\srv\\", "\\\\\\Data",
		"\\srv\\Data", "\\\\srv\\Data\\x" };
	struct str s;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(path_share_from_wire(wide(bad[i]), room, sizeof room, &s),
		    STATUS_BAD_NETWORK_NAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_turns_backslashes_into_slashes),
		cmocka_unit_test(path_empty_is_the_root),
		cmocka_unit_test(path_drops_one_backslash_at_the_end),
		cmocka_unit_test(path_refuses_a_leading_backslash),
		cmocka_unit_test(path_refuses_what_would_climb),
		cmocka_unit_test(path_takes_back_what_stands_before_two_dots),
		cmocka_unit_test(path_refuses_characters_that_no_name_has),
		cmocka_unit_test(path_refuses_nul_and_odd_lengths),
		cmocka_unit_test(path_refuses_more_than_it_may_hold),
		cmocka_unit_test(share_is_what_follows_the_server),
		cmocka_unit_test(share_must_stand_alone_behind_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
