/* test_url.c - addresses: what they mean, and what is said of those that mean nothing. */
#include "tests/unit/check.h"

#include "cli/url.h"

static struct url u;
static char why[URL_TEXT], text[URL_TEXT];

static void
parse(const char *s)
{
	if (!url_parse(s, &u, why, sizeof why))
		fail_msg("%s", why);
}

static void
refused(const char *s, const char *saying)
{
	assert_false(url_parse(s, &u, why, sizeof why));
	if (!strstr(why, saying) || strncmp(why, s, strlen(s)) != 0)
		fail_msg("\"%s\" does not say \"%s\"", why, saying);
}

static void
url_has_its_parts(void **state)
{
	(void)state;
	parse("smb://alice@fs.example:4450/Docs/a/b%20c.txt");
	assert_string_equal(u.user, "alice");
	assert_string_equal(u.host, "fs.example");
	assert_int_equal(u.port, 4450);
	assert_string_equal(u.share, "Docs");
	assert_string_equal(u.path, "a/b c.txt");
	parse("SMB://h");
	assert_string_equal(u.user, "");
	assert_int_equal(u.port, 445);
	assert_string_equal(u.share, "");
	assert_string_equal(u.path, "");
}

static void
url_decodes_the_user_and_takes_a_bare_at(void **state)
{
	(void)state;
	parse("smb://user%40REALM@h/s");
	assert_string_equal(u.user, "user@REALM");
	parse("smb://user@REALM@h/s");
	assert_string_equal(u.user, "user@REALM");
	assert_string_equal(u.host, "h");
	parse("smb://DOM%5cbob@h");
	assert_string_equal(u.user, "DOM\\bob");
	parse("smb://h/s/a@b");
	assert_string_equal(u.user, "");
	assert_string_equal(u.path, "a@b");
}

static void
url_takes_ipv6_in_brackets(void **state)
{
	(void)state;
	parse("smb://[2001:db8::1]:445/s");
	assert_string_equal(u.host, "2001:db8::1");
	parse("//[::1]/s/x");
	assert_string_equal(u.host, "::1");
	assert_int_equal(u.port, 445);
	refused("smb://::1/s", "brackets");
	refused("smb://[::1/s", "not closed");
	refused("smb://[::1]x/s", "only a port");
}

static void
unc_form_takes_percent_as_it_is(void **state)
{
	(void)state;
	parse("//h:1/s/100%25 sure");
	assert_string_equal(u.path, "100%25 sure");
	assert_int_equal(u.port, 1);
}

static void
path_is_cleaned_and_stays_inside(void **state)
{
	(void)state;
	parse("smb://h/s//a/./b/../c/");
	assert_string_equal(u.path, "a/c");
	parse("smb://h/s/a%5Cb");
	assert_string_equal(u.path, "a/b");
	refused("smb://h/s/..", "leads out");
	refused("smb://h/s/a/../..", "leads out");
	refused("smb://h/..", "no name of a share");
}

static void
url_says_what_is_wrong(void **state)
{
	char big[6000];

	(void)state;
	refused("/tmp/x", "wanted is smb://");
	refused("smb://", "no host");
	refused("smb:///s", "no host");
	refused("smb://h:0/s", "1 to 65535");
	refused("smb://h:65536", "1 to 65535");
	refused("smb://h:/s", "no port");
	refused("smb://h:x", "number");
	refused("smb://u:pw@h/s", "password");
	refused("smb://h/a%2/b", "no %XX");
	refused("smb://h/a%00", "no %XX");
	refused("smb://h/s/%ff", "not UTF-8");
	refused("smb://h h/s", "no name of a host");
	memset(big, 'x', sizeof big);
	memcpy(big, "smb://h/", 8);
	big[300] = '\0';
	refused(big, "longer than 255");
	big[300]             = 'x';
	big[9]               = '/';
	big[sizeof big - 1]  = '\0';
	refused(big, "longer than 4095");
}

static void
printed_and_read_again_it_is_the_same(void **state)
{
	static const char *const urls[] = {
		"smb://h", "smb://al%40R@h:1/s%20t$/a%20b/%E2%82%AC", "smb://[::1]:2/s/%1B%7F%25",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(urls); i++) {
		struct url first;

		parse(urls[i]);
		first = u;
		parse(url_print(&first, text));
		assert_memory_equal(&first, &u, sizeof u);
		for (const char *p = text; *p; p++)
			assert_true((unsigned char)*p > ' ' && *p != 0x7f);
	}
}

static void
join_resolves_dots_against_where_one_is(void **state)
{
	char path[16] = "a/b";

	(void)state;
	assert_true(path_join(path, sizeof path, "../c"));
	assert_string_equal(path, "a/c");
	assert_true(path_join(path, sizeof path, "/x\\y"));
	assert_string_equal(path, "x/y");
	assert_false(path_join(path, sizeof path, "../../.."));
	assert_false(path_join(path, sizeof path, "0123456789abcdef"));
	assert_string_equal(path_leaf("a/b"), "b");
	assert_string_equal(path_leaf(""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(url_has_its_parts),
		cmocka_unit_test(url_decodes_the_user_and_takes_a_bare_at),
		cmocka_unit_test(url_takes_ipv6_in_brackets),
		cmocka_unit_test(unc_form_takes_percent_as_it_is),
		cmocka_unit_test(path_is_cleaned_and_stays_inside),
		cmocka_unit_test(url_says_what_is_wrong),
		cmocka_unit_test(printed_and_read_again_it_is_the_same),
		cmocka_unit_test(join_resolves_dots_against_where_one_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
