/*
 * test_tree.c - does the process table say what docs/ARCHITECTURE.md says?
 */
#include "../check.h"

#include "broker/spawner/spawner.h"
#include "broker/tree.h"

static void
nobody_connects_to_a_role_that_does_not_bind(void **state)
{
	(void)state;
	for (enum tree_row_no from = 0; from < ROW_MAX; from++) {
		for (enum tree_row_no to = 0; to < ROW_MAX; to++) {
			if (tree_connects(from, to))
				assert_true(tree[to].flags & TREE_BINDS);
		}
	}
}

static void
nobody_connects_both_ways(void **state)
{
	(void)state;
	for (enum tree_row_no a = 0; a < ROW_MAX; a++) {
		for (enum tree_row_no b = 0; b < ROW_MAX; b++)
			assert_false(tree_connects(a, b) &&
				     (tree_connects(b, a) || tree_channel(a, b)));
	}
}

static void
channels_and_arenas_are_said_on_both_sides(void **state)
{
	(void)state;
	assert_true(tree_channel(ROW_GATE, ROW_WORKER));
	for (enum tree_row_no a = 0; a < ROW_MAX; a++) {
		for (enum tree_row_no b = 0; b < ROW_MAX; b++) {
			assert_true(tree_channel(a, b) == tree_channel(b, a));
			assert_true(tree_arena(a, b) == tree_arena(b, a));
		}
	}
}

static void
the_gate_and_the_workers_never_meet_who_they_must_not(void **state)
{
	(void)state;
	assert_false(tree_connects(ROW_GATE, ROW_FSD));
	assert_false(tree_connects(ROW_GATE, ROW_NAMES));
	assert_false(tree_connects(ROW_WORKER, ROW_NAMES));
	assert_false(tree_connects(ROW_WORKER, ROW_WORKER));
	assert_false(tree_channel(ROW_WORKER, ROW_WORKER));
}

static void
accounts_and_shares_are_told_only_to_who_needs_them(void **state)
{
	(void)state;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (row != ROW_STORE && row != ROW_DIRECTORY)
			assert_false(tree[row].parts & PART(conf_auth));
		if (row != ROW_FSD && row != ROW_DIRECTORY)
			assert_false(tree[row].parts & (PART(conf_share) | PART(conf_share_acl)));
	}
	assert_int_equal(tree[ROW_NAMES].parts, 0);
}

static void
listeners_and_state_are_with_who_needs_them(void **state)
{
	(void)state;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		assert_int_equal((tree[row].flags & TREE_LISTENERS) != 0, row == ROW_GATE);
		assert_int_equal((tree[row].flags & TREE_STATE) != 0,
				 row == ROW_STORE || row == ROW_KRB || row == ROW_API ||
				     row == ROW_BRIDGE);
		assert_int_equal((tree[row].flags & TREE_STORAGES) != 0, row == ROW_BRIDGE);
		assert_int_equal((tree[row].flags & TREE_MANY) != 0,
				 row == ROW_WORKER || row == ROW_SESSION);
	}
}

static void
no_two_processes_share_a_uid(void **state)
{
	struct instance inst = { .uid_first = 62000, .uid_last = 63999 };

	(void)state;
	for (enum tree_row_no a = 0; a < ROW_MAX; a++) {
		if (tree[a].flags & TREE_MANY)
			continue;
		for (enum tree_row_no b = 0; b < a; b++)
			assert_int_not_equal(place_uid(&inst, a, 0), place_uid(&inst, b, 0));
		assert_true(place_uid(&inst, a, 0) < place_uid(&inst, ROW_WORKER, 0));
	}
	assert_int_equal(place_uid(&inst, ROW_WORKER, 5), 62021);
	inst = (struct instance){ 0 };
	assert_int_equal(place_uid(&inst, ROW_FSD, 0), (uid_t)-1);
}

static void
roles_are_found_by_their_row(void **state)
{
	(void)state;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++)
		assert_int_equal(tree_find(tree[row].role), row);
	assert_int_equal(tree_find(PEER_SPAWNER), ROW_MAX);
}

static void
a_client_instance_has_neither_accounts_nor_a_server(void **state)
{
	(void)state;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		enum tree_when when = tree_runs(row, KIND_CLIENT, 0);

		if (row == ROW_STORE || row == ROW_NAMES || row == ROW_GATE || row == ROW_FSD ||
		    row == ROW_WORKER || row == ROW_KRB || row == ROW_BRIDGE || row == ROW_RELAY)
			assert_int_equal(when, TREE_NEVER);
		else
			assert_int_not_equal(when, TREE_NEVER);
	}
	assert_int_equal(tree_runs(ROW_CRED, KIND_CLIENT, 0), TREE_ALWAYS);
	assert_int_equal(tree_runs(ROW_NET, KIND_CLIENT, 0), TREE_WHEN_ASKED);
}

static void
kerberos_and_the_domain_run_where_they_are_wanted(void **state)
{
	(void)state;
	assert_int_equal(tree_runs(ROW_KRB, KIND_SERVER, 0), TREE_NEVER);
	assert_int_equal(tree_runs(ROW_KRB, KIND_SERVER, FROM(KRB)), TREE_ALWAYS);
	assert_int_equal(tree_runs(ROW_KRB, KIND_ACCOUNTS, FROM(KRB)), TREE_ALWAYS);
	assert_int_equal(tree_runs(ROW_NET, KIND_SERVER, 0), TREE_WHEN_ASKED);
	assert_int_equal(tree_runs(ROW_NET, KIND_SERVER, FROM(NET)), TREE_ALWAYS);
	assert_int_equal(tree_runs(ROW_CRED, KIND_SERVER, 0), TREE_WHEN_ASKED);
}

/* What a hostile server may have taken over meets nobody who has accounts, files or keys. */
static void
a_session_process_meets_the_api_its_credentials_and_the_dialer(void **state)
{
	(void)state;
	assert_int_equal(tree[ROW_SESSION].connects, FROM(API) | FROM(CRED));
	assert_int_equal(tree[ROW_SESSION].channels, FROM(DIALER));
	assert_int_equal(tree[ROW_DIALER].connects, 0);
	assert_int_equal(tree[ROW_SESSION].flags & TREE_BINDS, 0);
	assert_false(tree_connects(ROW_STORE, ROW_CRED));
	assert_false(tree_connects(ROW_CRED, ROW_STORE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_connects_to_a_role_that_does_not_bind),
		cmocka_unit_test(nobody_connects_both_ways),
		cmocka_unit_test(channels_and_arenas_are_said_on_both_sides),
		cmocka_unit_test(the_gate_and_the_workers_never_meet_who_they_must_not),
		cmocka_unit_test(accounts_and_shares_are_told_only_to_who_needs_them),
		cmocka_unit_test(listeners_and_state_are_with_who_needs_them),
		cmocka_unit_test(no_two_processes_share_a_uid),
		cmocka_unit_test(roles_are_found_by_their_row),
		cmocka_unit_test(a_client_instance_has_neither_accounts_nor_a_server),
		cmocka_unit_test(kerberos_and_the_domain_run_where_they_are_wanted),
		cmocka_unit_test(a_session_process_meets_the_api_its_credentials_and_the_dialer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
