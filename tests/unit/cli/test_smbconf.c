/* test_smbconf.c - what becomes of an smb.conf before our own reader sees it. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/smbconf.h"

static struct smbconf
read_text(const char *text)
{
	struct smbconf c = { 0 };
	const char *why  = NULL;
	FILE *f          = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(f);
	assert_true(smbconf_read(&c, f, &why));
	fclose(f);
	return c;
}

static char *
printed(const struct smbconf *c)
{
	char *s  = NULL;
	size_t n = 0;
	FILE *f  = open_memstream(&s, &n);

	smbconf_print(c, f, false);
	fclose(f);
	return s;
}

static void
expect(const char *in, const char *out)
{
	struct smbconf c = read_text(in);
	char *s          = printed(&c);

	assert_string_equal(s, out);
	free(s);
	smbconf_free(&c);
}

static void
settings_that_both_know_stay_as_they_are(void **state)
{
	(void)state;
	expect("[docs]\n path = /srv\n# a comment\n;another\n  writable=yes\n",
	    "[docs]\n\tpath = /srv\n\twritable = yes\n");
}

static void
continued_lines_are_one(void **state)
{
	(void)state;
	expect("[docs]\ncomment = one \\\n two\n", "[docs]\n\tcomment = one  two\n");
}

static void
words_are_translated(void **state)
{
	(void)state;
	expect("[global]\nserver min protocol = NT1\nlog level = 3\n",
	    "[global]\n\tserver min protocol = SMB2_02\n\tlog level = info\n");
}

static void
what_is_our_only_way_is_said_by_saying_nothing(void **state)
{
	struct smbconf c = read_text("[global]\nsecurity = user\nencrypt passwords = Yes\n");
	char *s          = printed(&c);

	(void)state;
	assert_string_equal(s, "[global]\n");
	assert_null(c.lines[1].why);
	assert_null(c.lines[2].why);
	free(s);
	smbconf_free(&c);
}

static void
what_is_not_carried_over_says_why(void **state)
{
	struct smbconf c = read_text("[global]\nmap to guest = Bad User\nfruit:metadata = stream\n"
				     "[homes]\nbrowseable = no\n[a]\npath = /home/%U\n");

	(void)state;
	assert_non_null(strstr(c.lines[1].why, "guest"));
	assert_non_null(strstr(c.lines[2].why, "module"));
	assert_non_null(c.lines[3].why);
	assert_non_null(c.lines[4].why);
	assert_null(c.lines[5].why);
	assert_non_null(strstr(c.lines[6].why, "substitutions"));
	smbconf_free(&c);
}

static void
a_refused_line_leaves_the_others(void **state)
{
	struct smbconf c = read_text("[global]\nfoo = 1\nworkgroup = X\n");
	char *s;

	(void)state;
	assert_true(smbconf_refuse(&c, 2, "unknown"));
	assert_false(smbconf_refuse(&c, 9, "none"));
	s = printed(&c);
	assert_string_equal(s, "[global]\n\tworkgroup = X\n");
	free(s);
	smbconf_free(&c);
}

static void
a_refused_section_takes_its_keys_along(void **state)
{
	struct smbconf c = read_text("[a]\npath = /a\n[b]\npath = /b\n");
	char *s;

	(void)state;
	assert_true(smbconf_refuse(&c, 1, "no"));
	s = printed(&c);
	assert_string_equal(s, "[b]\n\tpath = /b\n");
	free(s);
	smbconf_free(&c);
}

static void
lines_too_long_are_refused(void **state)
{
	static char text[SMBCONF_LINE + 100];
	struct smbconf c = { 0 };
	const char *why  = NULL;
	FILE *f;

	(void)state;
	memset(text, 'a', sizeof text - 1);
	f = fmemopen(text, sizeof text - 1, "r");
	assert_false(smbconf_read(&c, f, &why));
	assert_non_null(strstr(why, "longer"));
	fclose(f);
	smbconf_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_both_know_stay_as_they_are),
		cmocka_unit_test(continued_lines_are_one),
		cmocka_unit_test(words_are_translated),
		cmocka_unit_test(what_is_our_only_way_is_said_by_saying_nothing),
		cmocka_unit_test(what_is_not_carried_over_says_why),
		cmocka_unit_test(a_refused_line_leaves_the_others),
		cmocka_unit_test(a_refused_section_takes_its_keys_along),
		cmocka_unit_test(lines_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
