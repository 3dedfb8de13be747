/* test_print.c - cells: what a peer chose cannot steer the terminal. */
#include "tests/unit/check.h"

#include "cli/print.h"

static char buf[CELL_MAX];

static const char *
cell(enum column_kind kind, const char *row_json)
{
	struct column c = { "T", "v", kind };
	json_t *row     = json_loads(row_json, JSON_ALLOW_NUL, NULL);

	assert_non_null(row);
	(void)cell_print(&c, row, buf);
	json_decref(row);
	return buf;
}

static void
text_has_its_control_bytes_escaped(void **state)
{
	(void)state;
	assert_string_equal(cell(COLUMN_TEXT, "{\"v\":\"a\\u001b[2Jb\"}"), "a\\x1b[2Jb");
	assert_string_equal(cell(COLUMN_TEXT, "{\"v\":\"x\\\\y\"}"), "x\\x5cy");
	assert_string_equal(cell(COLUMN_TEXT, "{\"v\":\"gr\\u00fcn\"}"), "gr\xc3\xbcn");
	assert_string_equal(cell(COLUMN_TEXT, "{\"v\":\"a\\u202eb\\u009bc\"}"),
	    "a\\xe2\\x80\\xaeb\\xc2\\x9bc");
}

static void
missing_and_empty_values_are_a_dash(void **state)
{
	(void)state;
	assert_string_equal(cell(COLUMN_TEXT, "{}"), "-");
	assert_string_equal(cell(COLUMN_TEXT, "{\"v\":\"\"}"), "-");
	assert_string_equal(cell(COLUMN_FLAG, "{\"v\":false}"), "-");
	assert_string_equal(cell(COLUMN_WORDS, "{\"v\":[]}"), "-");
	assert_string_equal(cell(COLUMN_TIME, "{\"v\":0}"), "-");
}

static void
long_text_is_cut_inside_the_cell(void **state)
{
	char row[4 * CELL_MAX];
	size_t n = (size_t)snprintf(row, sizeof row, "{\"v\":\"");

	(void)state;
	memset(row + n, '\\', 2 * CELL_MAX);
	(void)snprintf(row + n + 2 * CELL_MAX, 8, "\"}");
	assert_true(strlen(cell(COLUMN_TEXT, row)) < CELL_MAX);
}

static void
words_numbers_and_dialects_read_well(void **state)
{
	(void)state;
	assert_string_equal(cell(COLUMN_WORDS, "{\"v\":[\"seccomp\",\"caps\"]}"), "seccomp,caps");
	assert_string_equal(cell(COLUMN_NUMBER, "{\"v\":42}"), "42");
	assert_string_equal(cell(COLUMN_HEX, "{\"v\":1179785}"), "0x120089");
	assert_string_equal(cell(COLUMN_DIALECT, "{\"v\":785}"), "3.1.1");
	assert_string_equal(cell(COLUMN_DIALECT, "{\"v\":528}"), "2.1");
	assert_string_equal(cell(COLUMN_DIALECT, "{\"v\":514}"), "2.0.2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_its_control_bytes_escaped),
		cmocka_unit_test(missing_and_empty_values_are_a_dash),
		cmocka_unit_test(long_text_is_cut_inside_the_cell),
		cmocka_unit_test(words_numbers_and_dialects_read_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
