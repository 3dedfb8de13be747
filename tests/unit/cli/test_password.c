/* test_password.c - the first line of a stream, within its bound. */
#include "tests/unit/check.h"

#include "cli/cli.h"
#include "cli/password.h"

static char buf[PASSWORD_MAX + 1];
static size_t n;

static enum password_line
read_line(const char *bytes, size_t len)
{
	FILE *f = fmemopen((void *)(uintptr_t)bytes, len, "r");
	enum password_line r;

	assert_non_null(f);
	r = password_read_line(f, buf, &n);
	fclose(f);
	return r;
}

static void
line_ends_at_newline_or_end(void **state)
{
	(void)state;
	assert_int_equal(read_line("secret 1\nmore", 13), PASSWORD_OK);
	assert_string_equal(buf, "secret 1");
	assert_int_equal(n, 8);
	assert_int_equal(read_line("secret", 6), PASSWORD_OK);
	assert_int_equal(n, 6);
	assert_int_equal(read_line("dos\r\n", 5), PASSWORD_OK);
	assert_string_equal(buf, "dos");
}

static void
line_that_is_empty_or_holds_nul_is_no_password(void **state)
{
	(void)state;
	assert_int_equal(read_line("\nsecret", 7), PASSWORD_EMPTY);
	assert_int_equal(read_line("a\0b\n", 4), PASSWORD_HAS_NUL);
}

static void
line_may_be_as_long_as_the_bound_and_no_longer(void **state)
{
	static char big[PASSWORD_MAX + 1];

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(read_line(big, PASSWORD_MAX), PASSWORD_OK);
	assert_int_equal(n, PASSWORD_MAX);
	assert_int_equal(read_line(big, PASSWORD_MAX + 1), PASSWORD_TOO_LONG);
}

static void
environment_is_used_when_no_option_is_given(void **state)
{
	struct cli_args args = { 0 };
	struct password p;

	(void)state;
	assert_int_equal(setenv("BULKHEAD_PASSWORD", "from-env", 1), 0);
	assert_int_equal(password_get(&p, &args, true), EXIT_OK);
	assert_string_equal(p.s, "from-env");
	password_free(&p);
	assert_null(p.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_at_newline_or_end),
		cmocka_unit_test(line_that_is_empty_or_holds_nul_is_no_password),
		cmocka_unit_test(line_may_be_as_long_as_the_bound_and_no_longer),
		cmocka_unit_test(environment_is_used_when_no_option_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
