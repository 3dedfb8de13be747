/*
 * test_keys.c - is who was authorised let in, who was revoked kept out, also
 * after a restart and after half a line?
 */
#include "../check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/keys.h"

static char dir[] = "/tmp/bh.keys.XXXXXX";

static void
key_of(uint8_t seed, uint8_t ret[KEY_BYTES])
{
	memset(ret, seed, KEY_BYTES);
}

static void
list_path(char path[128])
{
	(void)snprintf(path, 128, "%s/authorised-keys", dir);
}

static void
list_append(const char *text)
{
	char path[128];
	FILE *f;

	list_path(path);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
fresh(void **state)
{
	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	return mkdtemp(dir) ? 0 : -1;
}

static int
gone(void **state)
{
	char path[128];

	(void)state;
	list_path(path);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/server.key", dir);
	(void)unlink(path);
	return rmdir(dir);
}

static void
what_was_done_holds_after_a_restart(void **state)
{
	uint8_t a[KEY_BYTES], b[KEY_BYTES];
	char ours[KEY_TEXT + 1];
	struct keys t;

	(void)state;
	key_of(1, a);
	key_of(2, b);
	keys_open(&t, dir);
	memcpy(ours, t.public, sizeof ours);
	assert_status(keys_add(&t, "one", a, KEY_USER), STATUS_SUCCESS);
	assert_status(keys_add(&t, "two", b, KEY_ADMIN), STATUS_SUCCESS);
	assert_status(keys_revoke(&t, "one"), STATUS_SUCCESS);
	keys_drop(&t);
	keys_open(&t, dir);
	assert_string_equal(t.public, ours);
	assert_true(keys_find_public(&t, a)->revoked);
	assert_null(keys_find_name(&t, "one"));
	assert_false(keys_find_public(&t, b)->revoked);
	assert_true(keys_find_name(&t, "two")->role == KEY_ADMIN);
	assert_ptr_equal(keys_find(&t, 2), keys_find_name(&t, "two"));
	assert_null(keys_find(&t, 0));
	assert_null(keys_find(&t, 3));
	keys_drop(&t);
}

static void
a_key_comes_once_a_name_again(void **state)
{
	uint8_t a[KEY_BYTES], b[KEY_BYTES];
	struct keys t;

	(void)state;
	key_of(1, a);
	key_of(2, b);
	keys_open(&t, dir);
	assert_status(keys_add(&t, "n", a, KEY_USER), STATUS_SUCCESS);
	assert_status(keys_add(&t, "n", b, KEY_USER), STATUS_OBJECT_NAME_COLLISION);
	assert_status(keys_add(&t, "m", a, KEY_USER), STATUS_OBJECT_NAME_COLLISION);
	assert_status(keys_revoke(&t, "n"), STATUS_SUCCESS);
	assert_status(keys_revoke(&t, "n"), STATUS_NOT_FOUND);
	assert_status(keys_add(&t, "n", a, KEY_USER), STATUS_OBJECT_NAME_COLLISION);
	assert_status(keys_add(&t, "n", b, KEY_USER), STATUS_SUCCESS);
	keys_drop(&t);
}

static size_t ended;

static void
end_count(void *ctx, const struct key *k)
{
	(void)ctx;
	(void)k;
	ended++;
}

/* One reload of `api keys`. */
static void
configure(struct keys *t, const char *name, uint8_t seed, enum key_role role)
{
	uint8_t key[KEY_BYTES];
	char text[KEY_TEXT + 1];

	ended = 0;
	keys_conf_begin(t);
	key_of(seed, key);
	if (name)
		keys_conf_add(t, name, key_print(key, text), role);
	keys_conf_end(t, end_count, NULL);
}

static void
the_configuration_is_its_keys_list(void **state)
{
	uint8_t a[KEY_BYTES], b[KEY_BYTES];
	struct keys t;

	(void)state;
	key_of(1, a);
	key_of(2, b);
	keys_open(&t, dir);
	configure(&t, "ci", 1, KEY_USER);
	assert_false(keys_find_public(&t, a)->revoked);
	configure(&t, "ci", 1, KEY_ADMIN);
	assert_true(keys_find_public(&t, a)->role == KEY_ADMIN);
	assert_int_equal(ended, 0);
	configure(&t, "ci", 2, KEY_USER); /* another key of this name */
	assert_int_equal(ended, 1);
	assert_true(keys_find_public(&t, a)->revoked);
	assert_ptr_equal(keys_find_name(&t, "ci"), keys_find_public(&t, b));
	configure(&t, NULL, 0, KEY_USER);
	assert_int_equal(ended, 1);
	assert_null(keys_find_name(&t, "ci"));
	configure(&t, "again", 1, KEY_USER);
	assert_int_equal(ended, 0);
	assert_ptr_equal(keys_find_name(&t, "again"), keys_find_public(&t, a));
	keys_drop(&t);
	keys_open(&t, dir);
	assert_null(keys_find_public(&t, a)); /* not in the list on disk */
	keys_drop(&t);
}

static void
what_the_list_revoked_the_configuration_does_not_bring_back(void **state)
{
	uint8_t a[KEY_BYTES];
	struct keys t;

	(void)state;
	key_of(1, a);
	keys_open(&t, dir);
	assert_status(keys_add(&t, "lost", a, KEY_USER), STATUS_SUCCESS);
	assert_status(keys_revoke(&t, "lost"), STATUS_SUCCESS);
	configure(&t, "lost", 1, KEY_ADMIN);
	assert_true(keys_find_public(&t, a)->revoked);
	assert_int_equal(keys_find_public(&t, a)->role, KEY_USER);
	assert_int_equal(ended, 0);
	keys_drop(&t);
}

static void
half_a_line_was_never_said(void **state)
{
	uint8_t a[KEY_BYTES];
	struct keys t;

	(void)state;
	key_of(1, a);
	keys_open(&t, dir);
	assert_status(keys_add(&t, "one", a, KEY_USER), STATUS_SUCCESS);
	keys_drop(&t);
	list_append("revoke one 0rJua1Qkhq0rJ");
	keys_open(&t, dir);
	assert_non_null(keys_find_name(&t, "one"));
	assert_status(keys_revoke(&t, "one"), STATUS_SUCCESS);
	keys_drop(&t);
	keys_open(&t, dir);
	assert_null(keys_find_name(&t, "one"));
	keys_drop(&t);
}

/* It might have revoked somebody. */
static void
a_line_that_is_not_ours_is_the_end(void **state)
{
	static const char *const lines[] = { "nonsense\n", "add one user short 1\n",
					     "revoke nobody 0rJua1Qkhq0rJua1Qkhq0rJua1Qkhq0rJua1Qkhq 1\n",
					     "\n" };
	struct keys t;
	char path[128];
	int status;

	(void)state;
	for (size_t i = 0; i < NELEM(lines); i++) {
		pid_t pid;

		list_append(lines[i]);
		pid = fork();
		if (pid == 0) {
			(void)close(STDERR_FILENO);	/* its complaint is meant */
			keys_open(&t, dir);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
		list_path(path);
		assert_int_equal(truncate(path, 0), 0);
	}
}

static void
names_are_words(void **state)
{
	char text[KEY_LABEL + 2];

	(void)state;
	assert_true(key_name_allowed("me@host.example_1-2"));
	assert_false(key_name_allowed(""));
	assert_false(key_name_allowed("a b"));
	assert_false(key_name_allowed("a\nb"));
	memset(text, 'x', sizeof text);
	text[KEY_LABEL + 1] = '\0';
	assert_false(key_name_allowed(text));
	text[KEY_LABEL] = '\0';
	assert_true(key_name_allowed(text));
}

static void
an_instance_without_a_state_keeps_none(void **state)
{
	uint8_t a[KEY_BYTES];
	struct keys t;

	(void)state;
	key_of(1, a);
	keys_open(&t, NULL);
	assert_status(keys_add(&t, "one", a, KEY_USER), STATUS_NOT_SUPPORTED);
	assert_status(keys_revoke(&t, "one"), STATUS_NOT_SUPPORTED);
	assert_null(keys_find_public(&t, a));
	keys_drop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_done_holds_after_a_restart, fresh, gone),
		cmocka_unit_test_setup_teardown(a_key_comes_once_a_name_again, fresh, gone),
		cmocka_unit_test_setup_teardown(the_configuration_is_its_keys_list, fresh, gone),
		cmocka_unit_test_setup_teardown(
		    what_the_list_revoked_the_configuration_does_not_bring_back, fresh, gone),
		cmocka_unit_test_setup_teardown(half_a_line_was_never_said, fresh, gone),
		cmocka_unit_test_setup_teardown(a_line_that_is_not_ours_is_the_end, fresh, gone),
		cmocka_unit_test(names_are_words),
		cmocka_unit_test(an_instance_without_a_state_keeps_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
