/* test_fsd_grant.c - a grant serves the worker that it names, and no other. */
#include "fsd/grant.h"

#include "tests/unit/check.h"

static struct grant
fresh(uint8_t id, uint64_t worker, uint32_t uid)
{
	return (struct grant){ .id = { { id, 1, 2, 3 } }, .worker = worker,
		.who               = ident_new("alice", "", uid, uid, NULL, 0) };
}

static void
grant_is_found_by_its_worker_only(void **state)
{
	struct grants *all = grants_new(4);
	struct grant g     = fresh(1, 10, 1000), *got;

	(void)state;
	assert_status(grant_put(all, &g, &got), STATUS_SUCCESS);
	assert_status(grant_find(all, &g.id, 10, &got), STATUS_SUCCESS);
	assert_status(grant_find(all, &g.id, 11, &got), STATUS_USER_SESSION_DELETED);
	g.id.b[15] = 1;
	assert_status(grant_find(all, &g.id, 10, &got), STATUS_USER_SESSION_DELETED);
	grants_drop(all);
}

static void
grant_renewed_is_the_new_users_but_never_roots(void **state)
{
	struct grants *all = grants_new(4);
	struct grant g = fresh(1, 10, 1000), again = fresh(1, 10, 1001), other = fresh(1, 11, 1000),
		     root = fresh(1, 10, 0);
	struct grant *got;

	(void)state;
	g.expires     = 100;
	again.expires = 200;
	assert_status(grant_put(all, &g, &got), STATUS_SUCCESS);
	assert_status(grant_check_time(got, 150), STATUS_NETWORK_SESSION_EXPIRED);
	assert_status(grant_put(all, &again, &got), STATUS_SUCCESS);
	assert_status(grant_check_time(got, 150), STATUS_SUCCESS);
	assert_int_equal(got->who->uid, 1001);
	assert_status(grant_put(all, &other, &got), STATUS_ACCESS_DENIED);
	assert_status(grant_put(all, &root, &got), STATUS_ACCESS_DENIED);
	grants_drop(all);
}

static void
grant_table_is_bounded(void **state)
{
	struct grants *all = grants_new(2);
	struct grant *got;

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		struct grant g = fresh(i, 10, 1000);

		assert_status(grant_put(all, &g, &got),
		    i < 2 ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES);
	}
	grants_drop(all);
}

static void
grants_of_a_worker_are_all_found(void **state)
{
	struct grants *all = grants_new(8);
	struct grant *got;
	int n = 0;

	(void)state;
	for (uint8_t i = 0; i < 6; i++) {
		struct grant g = fresh(i, 10 + i % 2, 1000);

		assert_status(grant_put(all, &g, &got), STATUS_SUCCESS);
	}
	while ((got = grant_of_worker(all, 10)) != NULL) {
		grant_end(all, got);
		n++;
	}
	assert_int_equal(n, 3);
	assert_non_null(grant_of_worker(all, 11));
	grants_drop(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grant_is_found_by_its_worker_only),
		cmocka_unit_test(grant_renewed_is_the_new_users_but_never_roots),
		cmocka_unit_test(grant_table_is_bounded),
		cmocka_unit_test(grants_of_a_worker_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
