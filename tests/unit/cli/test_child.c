/* test_child.c - a program's lines, its exit and its end. */
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child.h"

static struct child
shell(const char *script)
{
	char *argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)script, NULL };
	struct child c;

	assert_true(child_start(&c, argv));
	return c;
}

static void
line_comes_without_its_newline_then_the_exit_code(void **state)
{
	struct child c = shell("echo one; echo two; exit 3");
	char line[16];

	(void)state;
	assert_true(child_line(&c, 10000, line, sizeof line));
	assert_string_equal(line, "one");
	assert_true(child_line(&c, 10000, line, sizeof line));
	assert_string_equal(line, "two");
	assert_false(child_line(&c, 10000, line, sizeof line));
	assert_int_equal(child_end(&c, false), 3);
	close(c.err);
}

static void
line_does_not_wait_longer_than_told(void **state)
{
	struct child c = shell("exec sleep 60");
	char line[16];

	(void)state;
	assert_false(child_line(&c, 50, line, sizeof line));
	assert_int_equal(child_end(&c, true), 128 + SIGTERM);
	close(c.err);
}

static void
line_longer_than_the_buffer_is_cut_and_the_next_is_whole(void **state)
{
	struct child c = shell("echo 0123456789; echo next");
	char line[8];

	(void)state;
	assert_true(child_line(&c, 10000, line, sizeof line));
	assert_string_equal(line, "0123456");
	assert_true(child_line(&c, 10000, line, sizeof line));
	assert_string_equal(line, "next");
	assert_int_equal(child_end(&c, false), 0);
	close(c.err);
}

/* Its starter is gone before it could ask to hear of that; we inherit it, and see it end. */
static void
child_does_not_outlive_a_starter_that_dies_at_once(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	alarm(90);
	for (unsigned i = 0; i < 50; i++) {
		pid_t starter = fork();

		assert_true(starter >= 0);
		if (starter == 0) {
			(void)shell("exec sleep 120");
			_exit(0);
		}
		assert_true(wait(NULL) > 0);
		assert_true(wait(NULL) > 0);
	}
	alarm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_comes_without_its_newline_then_the_exit_code),
		cmocka_unit_test(line_does_not_wait_longer_than_told),
		cmocka_unit_test(line_longer_than_the_buffer_is_cut_and_the_next_is_whole),
		cmocka_unit_test(child_does_not_outlive_a_starter_that_dies_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
