/*
 * test_cred_jobs.c - threads that wait for KDCs: how many an owner gets, and
 * that a KDC which says nothing stops nobody else's questions.  The test plays
 * the KDC, and answers when it wants to.
 */
#include "tests/unit/check.h"

#include "authd/cred/jobs.h"
#include "base/secret.h"

#define OWN (JOB_THREADS / 2)

static struct loop *loop;
static struct jobs *jobs;
static struct job *asked[JOBS_MAX];
static size_t n_asked, n_done, wait_asked, wait_done;
static nt last;

static void
check_stop(void)
{
	if (n_asked >= wait_asked && n_done >= wait_done)
		loop_stop(loop, 0);
}

static void
on_ask(void *ctx, struct job *j, const char *realm, struct span request)
{
	(void)ctx;
	assert_string_equal(realm, "TEST.EXAMPLE");
	assert_true(request.n > 0 && request.p[0] == 0x6a); /* AS-REQ, [RFC4120] 5.4.1 */
	asked[n_asked++] = j;
	check_stop();
}

static void
on_done(struct job *j)
{
	last = j->want.status;
	n_done++;
	job_free(j);
	check_stop();
}

static void
run_until(size_t questions, size_t answers)
{
	wait_asked = questions;
	wait_done  = answers;
	if (n_asked < questions || n_done < answers)
		(void)loop_run(loop);
}

static nt
add(const char *owner, uint64_t login)
{
	struct job *j = job_new();
	nt status;

	memcpy(j->owner, owner, strlen(owner) + 1);
	strcpy(j->want.client, "bob@TEST.EXAMPLE");
	hidden_set(&j->want.password, SPAN("x", 2));
	j->login = login;
	j->done	 = on_done;
	status	 = job_add(jobs, j);
	if (nt_failed(status))
		job_free(j);
	return status;
}

static void
answer(size_t i)
{
	job_reply(jobs, asked[i], STATUS_NO_LOGON_SERVERS, SPAN_NONE);
}

static void
silence_of_one_stops_nobody_else(void **state)
{
	(void)state;
	n_asked = n_done = 0;
	for (uint64_t i = 0; i < OWN + 2; i++)
		assert_status(add("uid:1", 100 + i), STATUS_SUCCESS);
	run_until(OWN, 0);
	assert_status(add("uid:2", 200), STATUS_SUCCESS);
	run_until(OWN + 1, 0);
	assert_string_equal(asked[OWN]->owner, "uid:2");
	answer(OWN);
	run_until(OWN + 1, 1);
	assert_status(last, STATUS_NO_LOGON_SERVERS);
	assert_int_equal(n_asked, OWN + 1); /* the first owner's others still wait */
	for (size_t i = 0; i < OWN; i++)
		answer(i);
	run_until(OWN + 3, 1 + OWN);
	answer(OWN + 1);
	answer(OWN + 2);
	run_until(OWN + 3, OWN + 3);
}

static void
one_login_has_one_job_at_a_time(void **state)
{
	(void)state;
	n_asked = n_done = 0;
	assert_status(add("uid:1", 7), STATUS_SUCCESS);
	assert_status(add("uid:1", 7), STATUS_SUCCESS);
	assert_status(add("uid:1", 8), STATUS_SUCCESS);
	run_until(2, 0);
	assert_true(asked[0]->login != asked[1]->login);
	answer(0);
	answer(1);
	run_until(3, 2);
	assert_int_equal(asked[2]->login, 7);
	answer(2);
	run_until(3, 3);
}

static void
jobs_that_wait_are_bounded(void **state)
{
	size_t taken = 0;

	(void)state;
	n_asked = n_done = 0;
	while (nt_ok(add("uid:1", 1000 + taken)))
		taken++;
	assert_true(taken >= JOBS_MAX / 4 && taken <= JOBS_MAX / 4 + OWN);
	assert_status(add("uid:2", 1), STATUS_SUCCESS);
	for (size_t i = 0; i < taken + 1; i++) {
		run_until(i + 1, i);
		answer(i);
	}
	run_until(taken + 1, taken + 1);
}

/* Not an answer at all: the thread goes on to the next. */
static void
nonsense_of_a_kdc_is_a_refusal(void **state)
{
	static const uint8_t junk[] = { 0x7e, 0x82, 0xff, 0xff, 0x30 };

	(void)state;
	n_asked = n_done = 0;
	assert_status(add("uid:1", 1), STATUS_SUCCESS);
	run_until(1, 0);
	job_reply(jobs, asked[0], STATUS_SUCCESS, SPAN(junk, sizeof junk));
	run_until(1, 1);
	assert_true(nt_failed(last));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_of_one_stops_nobody_else),
		cmocka_unit_test(one_login_has_one_job_at_a_time),
		cmocka_unit_test(jobs_that_wait_are_bounded),
		cmocka_unit_test(nonsense_of_a_kdc_is_a_refusal),
	};

	acquire_settle(300, false);
	loop = loop_new();
	jobs = jobs_new(loop, on_ask, NULL);
	jobs_start(jobs);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
