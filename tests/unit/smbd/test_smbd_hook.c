/*
 * test_smbd_hook.c - which names a hook is about.
 */
#include "smbd/hook.h"
#include "tests/unit/check.h"

static bool
about(const char *hooked, const char *pattern, const char *share, const char *path)
{
	struct hook h = { 0 };

	(void)snprintf(h.share, sizeof h.share, "%s", hooked);
	(void)snprintf(h.pattern, sizeof h.pattern, "%s", pattern);
	return hook_is_about(&h, share, path);
}

static void
an_empty_hook_is_about_all(void **state)
{
	(void)state;
	assert_true(about("", "", "data", "a/b"));
	assert_true(about("", "", NULL, NULL));
}

static void
a_share_is_one_whatever_its_case(void **state)
{
	(void)state;
	assert_true(about("DATA", "", "data", NULL));
	assert_false(about("data", "", "data2", NULL));
	assert_false(about("data", "", NULL, NULL));
}

static void
a_pattern_without_slash_is_for_the_last_component(void **state)
{
	(void)state;
	assert_true(about("", "*.exe", "data", "a/b/C.EXE"));
	assert_false(about("", "*.exe", "data", "a.exe/b"));
	assert_false(about("", "b", "data", "b/c"));
	assert_true(about("", "b/*", "data", "b/c/d"));
	assert_false(about("", "b/*", "data", "a/b/c"));
}

static void
a_thing_without_a_path_matches_no_pattern(void **state)
{
	(void)state;
	assert_false(about("", "*", "data", NULL));
}

static void
a_stream_belongs_to_its_file(void **state)
{
	(void)state;
	assert_true(about("", "*.exe", "data", "a.exe:stream"));
	assert_true(about("", "*.exe", "data", "a.exe::$DATA"));
	assert_false(about("", "*.exe", "data", "a.txt:b.exe"));
	assert_true(about("", "*:b.exe", "data", "a.txt:b.exe"));
}

static void
what_is_too_long_to_compare_matches(void **state)
{
	char path[PATH_BOUND + 1];

	(void)state;
	memset(path, 'a', sizeof path);
	path[PATH_BOUND] = '\0';
	for (size_t i = 200; i < PATH_BOUND; i += 200)
		path[i] = '/';
	assert_true(about("", "b/*", "data", path));
	assert_false(about("", "b*", "data", path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_hook_is_about_all),
		cmocka_unit_test(a_share_is_one_whatever_its_case),
		cmocka_unit_test(a_pattern_without_slash_is_for_the_last_component),
		cmocka_unit_test(a_thing_without_a_path_matches_no_pattern),
		cmocka_unit_test(a_stream_belongs_to_its_file),
		cmocka_unit_test(what_is_too_long_to_compare_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
