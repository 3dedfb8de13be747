/*
 * test_utf16.c - conversions, WTF-8, and case by table.
 */
#include "tests/unit/check.h"

#include "base/utf16.h"

static nt
back(const char *le16, size_t n, char *dst, size_t cap)
{
	size_t len;

	return utf16_to_utf8(SPAN(le16, n), dst, cap, &len);
}

static void
every_single_unit_survives_the_round_trip(void **state)
{
	char text[8];
	size_t len;

	(void)state;
	for (uint32_t u = 1; u < 0x10000; u++) {
		const uint8_t le[2] = { (uint8_t)u, (uint8_t)(u >> 8) };
		uint8_t out[8];
		struct wr w = wr_init(out, sizeof out);

		assert_status(utf16_to_utf8(SPAN(le, 2), text, sizeof text, &len), STATUS_SUCCESS);
		assert_int_equal(strlen(text), len);
		assert_int_equal(wr_utf16(&w, text), 2);
		assert_memory_equal(out, le, 2);
		assert_true(utf8_valid(text, len));
	}
}

static void
pairs_become_four_bytes_and_split_ones_stay_split(void **state)
{
	char text[16];

	(void)state;
	assert_status(back("\x3d\xd8\x00\xde", 4, text, sizeof text), STATUS_SUCCESS);
	assert_string_equal(text, "\xf0\x9f\x98\x80");
	assert_int_equal(utf16_len(text), 4);
	assert_status(back("\x00\xde\x3d\xd8", 4, text, sizeof text), STATUS_SUCCESS);
	assert_int_equal(strlen(text), 6); /* low before high: two lone surrogates */
	assert_status(back("\x3d\xd8", 2, text, sizeof text), STATUS_SUCCESS);
	assert_int_equal(strlen(text), 3);
}

static void
utf16_refuses_odd_lengths_nul_and_little_room(void **state)
{
	char text[4] = "old";

	(void)state;
	assert_status(back("a\0b", 3, text, sizeof text), STATUS_INVALID_PARAMETER);
	assert_status(back("a\0\0\0", 4, text, sizeof text), STATUS_INVALID_PARAMETER);
	assert_status(back("a\0b\0c\0d\0", 8, text, sizeof text), STATUS_NAME_TOO_LONG);
	assert_status(back("a\0b\0c\0", 6, text, sizeof text), STATUS_SUCCESS);
	assert_string_equal(text, "abc");
	assert_status(back("", 0, text, 0), STATUS_NAME_TOO_LONG);
	assert_status(back("", 0, text, 1), STATUS_SUCCESS);
}

static void
bad_utf8_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"a\xc3(",
		"\xed\xa0\xbd\xed\xb8\x80", /* a pair in two halves */
	};
	uint8_t out[32];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct wr w = wr_init(out, sizeof out);

		(void)wr_utf16(&w, bad[i]);
		assert_false(wr_ok(&w));
		assert_int_equal(utf16_len(bad[i]), SIZE_MAX);
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	}
	assert_true(utf8_valid("\xed\xa0\xbd", 3)); /* one half alone is a Windows name */
	assert_true(utf8_valid("a\0b", 3));
}

static void
case_pairs_go_both_ways_and_never_meet_ascii(void **state)
{
	unsigned pairs = 0;

	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		uint32_t up = unicode_upper(cp);

		if (up == cp)
			continue;
		pairs++;
		assert_int_equal(unicode_upper(up), up);
		if (cp != 0x3c2) /* final sigma: one way */
			assert_int_equal(unicode_lower(up), cp);
		if (cp >= 0x80)
			assert_true(up >= 0x80);
	}
	assert_true(pairs > 1300);
	assert_int_equal(unicode_upper(0xe4), 0xc4);
	assert_int_equal(unicode_upper(0xff), 0x178);
	assert_int_equal(unicode_upper(0x10428), 0x10400);
	assert_int_equal(unicode_upper(0x131), 0x131); /* dotless i is not I */
	assert_int_equal(unicode_upper(0xdf), 0xdf);
	assert_int_equal(unicode_lower(0x212a), 0x212a); /* the Kelvin sign is not k */
}

static void
names_compare_and_hash_without_case(void **state)
{
	(void)state;
	assert_int_equal(utf8_casecmp("Grün.TXT", "GRÜN.txt"), 0);
	assert_true(utf8_casehash("Grün.TXT") == utf8_casehash("GRÜN.txt"));
	assert_true(utf8_casehash("a") != utf8_casehash("b"));
	assert_true(utf8_casecmp("a", "b") < 0);
	assert_true(utf8_casecmp("b", "A") > 0);
	assert_true(utf8_casecmp("ab", "a") > 0);
	assert_true(utf8_casecmp("", "a") < 0);
	/* What is no UTF-8 still has an order, and equals only itself. */
	assert_int_equal(utf8_casecmp("x\xff", "X\xff"), 0);
	assert_true(utf8_casecmp("\xff", "\xfe") > 0);
	assert_true(utf8_casecmp("\xe2\x82", "\xe2") > 0);
}

static void
upper_and_lower_make_copies(void **state)
{
	char out[16];

	(void)state;
	assert_status(utf8_upper("straße é", out, sizeof out), STATUS_SUCCESS);
	assert_string_equal(out, "STRAßE É");
	assert_status(utf8_lower("ÀB", out, sizeof out), STATUS_SUCCESS);
	assert_string_equal(out, "àb");
	assert_status(utf8_upper("abcd", out, 4), STATUS_NAME_TOO_LONG);
	assert_status(utf8_upper("\xff", out, sizeof out), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_single_unit_survives_the_round_trip),
		cmocka_unit_test(pairs_become_four_bytes_and_split_ones_stay_split),
		cmocka_unit_test(utf16_refuses_odd_lengths_nul_and_little_room),
		cmocka_unit_test(bad_utf8_is_refused),
		cmocka_unit_test(case_pairs_go_both_ways_and_never_meet_ascii),
		cmocka_unit_test(names_compare_and_hash_without_case),
		cmocka_unit_test(upper_and_lower_make_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
