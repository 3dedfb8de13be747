/*
 * test_secret.c - wiped memory, comparison, random bytes, and fatal().
 */
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"

static void
secret_is_zero_writable_and_of_any_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 4097, 100000 };

	(void)state;
	for (size_t i = 0; i < NELEM(sizes); i++) {
		uint8_t *p = secret_alloc(sizes[i]);

		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xaa, sizes[i]);
		secret_free(p, sizes[i]);
	}
	secret_free(NULL, 10);
}

static void
wipe_clears_and_compare_sees_each_byte(void **state)
{
	uint8_t a[33], b[33];

	(void)state;
	random_bytes(a, sizeof a);
	for (size_t i = 0; i < sizeof a; i++) {
		memcpy(b, a, sizeof a);
		assert_true(secret_eq(a, b, sizeof a));
		b[i] ^= 0x80;
		assert_false(secret_eq(a, b, sizeof a));
	}
	secret_wipe(a, sizeof a);
	memset(b, 0, sizeof b);
	assert_memory_equal(a, b, sizeof a);
	assert_true(secret_eq(a, b, 0));
}

static void
random_numbers_differ(void **state)
{
	(void)state;
	assert_true(random_u64() != random_u64());
}

static void
fatal_aborts_with_place_and_reason(void **state)
{
	char text[512] = "";
	int fds[2];
	int status = 0;
	pid_t pid;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		dup2(fds[1], STDERR_FILENO);
		fatal("the sky fell on %d", 7);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof text - 1);
	close(fds[0]);
	assert_true(n > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(text, "the sky fell on 7"));
	assert_non_null(strstr(text, "test_secret.c:"));
}

static void
xcalloc_gives_zeroed_memory_even_of_nothing(void **state)
{
	uint8_t *p = xcalloc(0, 8);
	char *s	   = xstrdup("abc");

	(void)state;
	assert_int_equal(p[0], 0);
	assert_string_equal(s, "abc");
	free(p);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_is_zero_writable_and_of_any_size),
		cmocka_unit_test(wipe_clears_and_compare_sees_each_byte),
		cmocka_unit_test(random_numbers_differ),
		cmocka_unit_test(fatal_aborts_with_place_and_reason),
		cmocka_unit_test(xcalloc_gives_zeroed_memory_even_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
