/*
 * test_threads.c - how many threads a process may have: as many as it starts before
 * the seal, whoever else has the same uid, and none behind it.
 */
#include "tests/unit/sandbox/cell.h"

#include <pthread.h>

#include "base/nt.h"

#define SHARED_UID 63990u /* of `worker uids`, and of no account */
#define CROWD	   400	  /* threads of other instances */
#define OWN	   8

static void *
sleep_on(void *arg)
{
	(void)pause();
	return arg;
}

static int
thread_try(void)
{
	pthread_attr_t small;
	pthread_t t;
	int e;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 65536);
	e = pthread_create(&t, &small, sleep_on, NULL);
	(void)pthread_attr_destroy(&small);
	return e;
}

/* ---- beside others of the same uid ---- */

static void
crowd_be(int ready)
{
	char all = 'y';

	if (setgroups(0, NULL) != 0 || setresgid(SHARED_UID, SHARED_UID, SHARED_UID) != 0 ||
	    setresuid(SHARED_UID, SHARED_UID, SHARED_UID) != 0)
		_exit(98);
	for (int i = 0; i < CROWD && all == 'y'; i++)
		all = thread_try() == 0 ? 'y' : 'n';
	if (write(ready, &all, 1) == 1)
		(void)pause();
	_exit(0);
}

/* False: this machine does not let one uid have so many. */
static bool
crowd_start(pid_t *ret)
{
	char all = 'n';
	int p[2];

	assert_int_equal(pipe(p), 0);
	*ret = fork();
	assert_true(*ret >= 0);
	if (*ret == 0)
		crowd_be(p[1]);
	close(p[1]);
	assert_int_equal(read(p[0], &all, 1), 1);
	close(p[0]);
	return all == 'y';
}

static void
cell_threads(void *arg)
{
	struct sandbox s = sandbox_plain();

	(void)arg;
	s.uid = s.gid = SHARED_UID;
	(void)sandbox_isolate(&s);
	for (int i = 0; i < OWN; i++)
		CELL_CHECK((errno = thread_try()) == 0);
}

static void
threads_of_other_instances_with_our_uid_leave_us_ours(void **state)
{
	int status, got;
	pid_t crowd;
	bool full;

	(void)state;
	if (geteuid() != 0)
		skip();
	full = crowd_start(&crowd);
	got  = full ? cell_run(cell_threads, NULL) : 0;
	(void)kill(crowd, SIGKILL);
	assert_int_equal(waitpid(crowd, &status, 0), crowd);
	if (!full)
		skip();
	assert_int_equal(got, 0);
}

/* ---- behind the seal ---- */

/* By the limit alone: this filter would let threads start. */
static void
cell_sealed(void *arg)
{
	static const struct sandbox_rule rules[] = {
		ALLOW(clone3, "a thread"),	ALLOW(clone, "a thread"),
		ALLOW(mmap, "its stack"),	ALLOW(mprotect, "its guard page"),
		ALLOW(pause, "all that they do"),
	};
	struct sandbox s = sandbox_plain();

	(void)arg;
	become_nobody();
	(void)sandbox_isolate(&s);
	CELL_CHECK((errno = thread_try()) == 0);
	sandbox_seal(&s, rules, NELEM(rules));
	CELL_CHECK(thread_try() == EAGAIN);
}

static void
no_thread_starts_behind_the_seal(void **state)
{
	(void)state;
	if (SANITIZED) /* LSan needs one */
		skip();
	assert_cell_lives(cell_sealed, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_of_other_instances_with_our_uid_leave_us_ours),
		cmocka_unit_test(no_thread_starts_behind_the_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
