/* test_fsd_name.c - names that Windows or Unix cannot have, both ways. */
#include "fsd/name.h"
#include "fsd/shortname.h"
#include "tests/unit/check.h"

static nt
to_disk(const char *wire, char ret[NAME_DISK])
{
	return name_to_disk(wire, strlen(wire), ret);
}

static void
name_refuses_what_windows_refuses(void **state)
{
	static const char *const bad[] = { "", ".", "a\"b", "a*b", "a:b", "a<b", "a>b", "a?b",
		"a\\b", "a|b", "a/b", "tab\tbed", "dot.", "blank ", "\xff" };
	char disk[NAME_DISK];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(to_disk(bad[i], disk), STATUS_OBJECT_NAME_INVALID);
	assert_status(to_disk("..", disk), STATUS_OBJECT_PATH_SYNTAX_BAD);
}

static void
name_mapped_to_two_dots_is_refused(void **state)
{
	char disk[NAME_DISK];

	(void)state;
	/* U+F029 stands for a dot at the end: it must not build what walks upwards. */
	assert_status(to_disk("\xef\x80\xa9", disk), STATUS_OBJECT_NAME_INVALID);
	assert_status(to_disk(".\xef\x80\xa9", disk), STATUS_OBJECT_NAME_INVALID);
}

static void
name_survives_both_ways(void **state)
{
	static const char *const disk[] = { "plain", "a:b", "what?", "a\"*<>|\\b", "dot.", "blank ",
		"bell\a", "\xc3\xa9t\xc3\xa9", "\xf0\x9f\x90\xbb.txt", "...", ".hidden" };
	char wire[NAME_WIRE], back[NAME_DISK];

	(void)state;
	for (size_t i = 0; i < NELEM(disk); i++) {
		name_to_wire(disk[i], wire);
		assert_status(to_disk(wire, back), STATUS_SUCCESS);
		assert_string_equal(back, disk[i]);
	}
}

static void
name_colon_is_what_the_linux_client_sends(void **state)
{
	char wire[NAME_WIRE];

	(void)state;
	name_to_wire("a:b", wire);
	assert_string_equal(wire, "a\xef\x80\xa2"
				  "b");
}

static void
name_bytes_that_are_not_utf8_can_be_shown(void **state)
{
	char wire[NAME_WIRE];

	(void)state;
	name_to_wire("caf\xe9", wire);
	assert_string_equal(wire, "caf\xef\x87\xa9");	/* U+F1E9 */
}

static void
name_of_256_bytes_does_not_fit(void **state)
{
	char wire[257], disk[NAME_DISK];

	(void)state;
	memset(wire, 'x', sizeof wire);
	wire[255] = '\0';
	assert_status(to_disk(wire, disk), STATUS_SUCCESS);
	wire[255] = 'x';
	wire[256] = '\0';
	assert_status(to_disk(wire, disk), STATUS_OBJECT_NAME_INVALID);
}

static void
path_to_wire_maps_each_component(void **state)
{
	char wire[64];

	(void)state;
	name_path_to_wire("a:b/c. /d", wire, sizeof wire);
	assert_string_equal(wire, "a\xef\x80\xa2"
				  "b/c.\xef\x80\xa8/d");
}

static void
short_name_of_a_short_name_is_itself(void **state)
{
	char made[SHORTNAME_MAX];

	(void)state;
	shortname_of("readme.txt", made);
	assert_string_equal(made, "README.TXT");
	assert_false(shortname_is_made_up(made));
}

static void
short_name_of_a_long_name_is_8_3(void **state)
{
	static const char *const names[] = { "a rather long name.text", "..bashrc", ".profile",
		"\xc3\xa9.tar.gz", "no-extension-at-all" };
	char made[SHORTNAME_MAX];

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		const char *dot;

		shortname_of(names[i], made);
		dot = strchr(made, '.');
		assert_true(shortname_is_made_up(made));
		assert_true((dot ? (size_t)(dot - made) : strlen(made)) <= 8);
		assert_true(!dot || strlen(dot + 1) <= 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_refuses_what_windows_refuses),
		cmocka_unit_test(name_mapped_to_two_dots_is_refused),
		cmocka_unit_test(name_survives_both_ways),
		cmocka_unit_test(name_colon_is_what_the_linux_client_sends),
		cmocka_unit_test(name_bytes_that_are_not_utf8_can_be_shown),
		cmocka_unit_test(name_of_256_bytes_does_not_fit),
		cmocka_unit_test(path_to_wire_maps_each_component),
		cmocka_unit_test(short_name_of_a_short_name_is_itself),
		cmocka_unit_test(short_name_of_a_long_name_is_8_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
