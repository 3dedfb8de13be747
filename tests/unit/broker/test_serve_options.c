/*
 * test_serve_options.c - does the command line become the right overrides?
 */
#include "../check.h"

#include <unistd.h>

#include "broker/spawner/options.h"

static struct options o;

static bool
options_of(const char *a, const char *b, const char *c, const char *d, const char *e)
{
	const char *words[] = { "bulkhead-broker", "serve", a, b, c, d, e };
	int n		    = 2;

	for (size_t i = 0; i < o.n_words; i++)
		free(o.words[i]);
	while (n < (int)NELEM(words) && words[n])
		n++;
	return options_read(&o, n, (char **)(uintptr_t)words);
}

static void
each_option_is_one_override(void **state)
{
	(void)state;
	assert_true(options_of("--listen", "127.0.0.1:0", "--rw", "--guest", NULL));
	assert_int_equal(o.n_words, 3);
	assert_string_equal(o.words[0], "listen=127.0.0.1:0");
	assert_string_equal(o.words[1], "rw");
	assert_string_equal(o.words[2], "guest");
	assert_true(options_of("--listen=[::1]:1", NULL, NULL, NULL, NULL));
	assert_string_equal(o.words[0], "listen=[::1]:1");
}

static void
user_takes_the_names_that_follow(void **state)
{
	(void)state;
	assert_true(options_of("--user", "alice", "bob", "--rw", NULL));
	assert_int_equal(o.n_words, 3);
	assert_string_equal(o.words[0], "user=alice");
	assert_string_equal(o.words[1], "user=bob");
}

static void
relative_paths_are_made_absolute(void **state)
{
	char cwd[PATH_MAX], want[PATH_MAX + 32];

	(void)state;
	assert_int_equal(chdir("/tmp"), 0);
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_true(options_of("--share", "s=.", "--state-directory", "./st", NULL));
	(void)snprintf(want, sizeof want, "share=s=%s", cwd);
	assert_string_equal(o.words[0], want);
	(void)snprintf(want, sizeof want, "state=%s/st", cwd);
	assert_string_equal(o.words[1], want);
}

static void
mistakes_are_usage_errors(void **state)
{
	(void)state;
	assert_false(options_of("--frobnicate", NULL, NULL, NULL, NULL));
	assert_false(options_of("--listen", NULL, NULL, NULL, NULL));
	assert_false(options_of("--share", "nopath", NULL, NULL, NULL));
	assert_false(options_of("--share", "s=/no/such/place", NULL, NULL, NULL));
	assert_false(options_of("--rw=yes", NULL, NULL, NULL, NULL));
}

static void
without_root_places_are_the_users(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		assert_true(options_of(NULL, NULL, NULL, NULL, NULL));
		assert_string_equal(o.default_state, "/var/lib/bulkhead");
		return;
	}
	setenv("XDG_STATE_HOME", "/x/state", 1);
	setenv("XDG_RUNTIME_DIR", "/x/run", 1);
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/home/me", 1);
	assert_true(options_of(NULL, NULL, NULL, NULL, NULL));
	assert_string_equal(o.default_state, "/x/state/bulkhead");
	assert_string_equal(o.default_runtime, "/x/run/bulkhead");
	assert_string_equal(o.config, "/home/me/.config/bulkhead/bulkhead.conf");
	assert_false(o.config_named);
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < o.n_words; i++)
		free(o.words[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_is_one_override),
		cmocka_unit_test(user_takes_the_names_that_follow),
		cmocka_unit_test(relative_paths_are_made_absolute),
		cmocka_unit_test(mistakes_are_usage_errors),
		cmocka_unit_test(without_root_places_are_the_users),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
