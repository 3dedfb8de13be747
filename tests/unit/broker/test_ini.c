/*
 * test_ini.c - does the INI reader give what is written, and complain about the rest?
 */
#include "../check.h"

#include "broker/config/ini.h"

static struct ini in;

static struct ini_item
only(const char *text)
{
	struct ini_item it;

	ini_open(&in, SPAN_STR(text));
	assert_true(ini_next(&in, &it));
	return it;
}

static void
assert_key(const char *text, const char *name, const char *value)
{
	struct ini_item it = only(text);

	assert_int_equal(it.kind, INI_KEY);
	assert_string_equal(it.name, name);
	assert_string_equal(it.value, value);
}

static void
assert_bad(const char *text)
{
	struct ini_item it = only(text);

	assert_int_equal(it.kind, INI_BAD);
	assert_non_null(it.problem);
}

static void
ini_reads_key_and_value_around_the_first_equals_sign(void **state)
{
	(void)state;
	assert_key("path=/srv", "path", "/srv");
	assert_key("read only = yes\n", "read only", "yes");
	assert_key("comment = a = b", "comment", "a = b");
	assert_key("comment =", "comment", "");
	assert_key("comment =   \r\n", "comment", "");
}

static void
ini_reads_indented_lines(void **state)
{
	(void)state;
	assert_key("\t   path \t = \t/srv/x y\t ", "path", "/srv/x y");
	assert_int_equal(only("   [data]  ").kind, INI_SECTION);
}

static void
ini_takes_comments_only_at_the_beginning_of_a_line(void **state)
{
	struct ini_item it;

	(void)state;
	assert_key("# x = 1\n ; y = 2\n\n   \nz = 3 # three ; 3", "z", "3 # three ; 3");
	assert_int_equal(in.line, 5);
	ini_open(&in, SPAN_STR("#only\n;comments\n"));
	assert_false(ini_next(&in, &it));
}

static void
ini_reads_section_names_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(only("[ My Files ]").name, "My Files");
	assert_string_equal(only("[b\xc3\xbc"
				 "cher]")
				.name,
			    "b\xc3\xbc"
			    "cher");
	assert_bad("[open");
	assert_bad("[]");
	assert_bad("[  ]");
	assert_bad("[a] b = c");
}

static void
ini_complains_about_what_is_neither(void **state)
{
	(void)state;
	assert_bad("just words");
	assert_bad("= value");
	assert_bad("key \x01 = value");
	assert_bad("key = \xff\xfe");
	assert_bad("key = \xc3");
}

static void
ini_refuses_bytes_of_zero(void **state)
{
	static const char text[] = "path = /srv\0/etc\n";
	struct ini_item it;

	(void)state;
	ini_open(&in, SPAN(text, sizeof text - 1));
	assert_true(ini_next(&in, &it));
	assert_int_equal(it.kind, INI_BAD);
	assert_false(ini_next(&in, &it));
}

static void
ini_takes_lines_of_4096_bytes_and_not_of_4097(void **state)
{
	static char text[INI_LINE_MAX + 16];
	struct ini_item it;

	(void)state;
	memset(text, 'x', INI_LINE_MAX);
	memcpy(text, "path = ", 7);
	it = only(text);
	assert_int_equal(it.kind, INI_KEY);
	assert_int_equal(strlen(it.value), INI_LINE_MAX - 7);
	memcpy(text + INI_LINE_MAX, "y\na=b", 6);
	assert_bad(text);
	assert_true(ini_next(&in, &it));
	assert_int_equal(it.kind, INI_KEY);
	assert_int_equal(it.line, 2);
}

static void
ini_skips_a_byte_order_mark(void **state)
{
	(void)state;
	assert_key("\xef\xbb\xbfpath = /srv", "path", "/srv");
}

static void
ini_folds_case_and_inner_spaces_of_names(void **state)
{
	char buf[16];

	(void)state;
	assert_true(ini_fold("Read  ONLY", buf, sizeof buf));
	assert_string_equal(buf, "readonly");
	assert_true(ini_fold("123456789012345", buf, sizeof buf));
	assert_false(ini_fold("1234567890123456", buf, sizeof buf));
}

static void
drain(struct span s)
{
	struct ini_item it;
	unsigned last = 0;

	ini_open(&in, s);
	while (ini_next(&in, &it)) {
		assert_true(it.line > last);
		last = it.line;
	}
}

static void
ini_survives_cuts_and_mutations(void **state)
{
	static const char text[] = "[global]\n workgroup = W\n[a b]\npath=/x\r\n# c\nread only=no";

	(void)state;
	check_cuts(SPAN(text, sizeof text - 1), drain);
	check_mutations(SPAN(text, sizeof text - 1), drain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ini_reads_key_and_value_around_the_first_equals_sign),
		cmocka_unit_test(ini_reads_indented_lines),
		cmocka_unit_test(ini_takes_comments_only_at_the_beginning_of_a_line),
		cmocka_unit_test(ini_reads_section_names_as_they_are),
		cmocka_unit_test(ini_complains_about_what_is_neither),
		cmocka_unit_test(ini_refuses_bytes_of_zero),
		cmocka_unit_test(ini_takes_lines_of_4096_bytes_and_not_of_4097),
		cmocka_unit_test(ini_skips_a_byte_order_mark),
		cmocka_unit_test(ini_folds_case_and_inner_spaces_of_names),
		cmocka_unit_test(ini_survives_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
