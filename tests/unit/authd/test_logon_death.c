/*
 * test_logon_death.c - what happens to logons and sessions when somebody dies, or
 * ends them.
 */
#include "tests/unit/authd/logons.h"

static void
worker_that_dies_on_the_way_is_replaced(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	uint64_t ctx;
	struct call *c			       = stage_logon(st, GATE, 0, &cl, &ctx);
	const struct names_user_rsp name       = { .name = str_of("alice"), .uid = 1001, .gid = 1 };
	const struct dir_worker_get_rsp worker = { .worker = WORKER2 };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	w = wr_init(buf, sizeof buf);
	dir_worker_get_rsp_encode(&w, &worker);
	ask_answer(ask_find(st, &dir_worker_get_desc), STATUS_SUCCESS, wr_done(&w));
	stage_link(st, WORKER2)->up = false;
	ask_answer(ask_find(st, &worker_session_desc), STATUS_CONNECTION_RESET, SPAN_NONE);
	ask_answer(ask_find(st, &fsd_grant_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_non_null(ask_find(st, &fsd_grant_end_desc)); /* the first grant is taken back */
	stage_run(st, c);
	assert_true(accepted(c).worker == WORKER);
	assert_int_equal(db_count(st->store.sessions), 1);
	call_drop(c);
	stage_drop(st);
}

static void
refusing_worker_leaves_no_session_behind(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	uint64_t ctx;
	struct call *c			       = stage_logon(st, GATE, 0, &cl, &ctx);
	const struct names_user_rsp name       = { .name = str_of("alice"), .uid = 1001, .gid = 1 };
	const struct dir_worker_get_rsp worker = { .worker = WORKER };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	w = wr_init(buf, sizeof buf);
	dir_worker_get_rsp_encode(&w, &worker);
	ask_answer(ask_find(st, &dir_worker_get_desc), STATUS_SUCCESS, wr_done(&w));
	ask_answer(ask_find(st, &worker_session_desc), STATUS_INSUFFICIENT_RESOURCES, SPAN_NONE);
	stage_run(st, c);
	assert_status(c->status, STATUS_INSUFFICIENT_RESOURCES);
	assert_int_equal(db_count(st->store.sessions), 0);
	call_drop(c);
	stage_drop(st);
}

static void
number_of_a_living_session_is_not_given_twice(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("bob", "hunter2");
	struct call *c	 = stage_logon(st, GATE, 0, &cl, &ctx);
	struct session s;

	(void)state;
	/* Chance gave a logon in flight the number of one that has registered since. */
	TAILQ_FIRST(&st->store.logons)->context.id = id;
	stage_run(st, c);
	assert_status(c->status, STATUS_INSUFFICIENT_RESOURCES);
	assert_status(registry_find(st->store.sessions, id, &s), STATUS_SUCCESS);
	assert_string_equal(s.row.user.s, "Alice");
	call_drop(c);
	stage_drop(st);
}

static void
logon_that_nobody_waits_for_is_closed(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	uint64_t ctx;
	struct call *c = stage_logon(st, GATE, 0, &cl, &ctx);

	(void)state;
	store_events.peer_down(&st->store, stage_link(st, GATE));
	stage_run(st, c);
	stage_grant_all(st);
	assert_int_equal(db_count(st->store.sessions), 0);
	call_drop(c);
	stage_drop(st);
}

static void
logon_by_a_worker_stays_with_it(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct session s;

	(void)state;
	uint64_t id = session_of(st, WORKER2, "bob", "hunter2");
	assert_status(registry_find(st->store.sessions, id, &s), STATUS_SUCCESS);
	assert_true(s.row.worker == WORKER2);
	stage_drop(st);
}

static void
registry_outlives_the_process(void **state)
{
	struct stage *st		  = stage_with_alice(&plain);
	uint64_t id			  = session_of(st, GATE, "alice", "secret");
	struct auth_session_find_req find = { .session = id };
	struct auth_session_info_req info = { .session = id, .dialect = 0x0311, .cipher = 2 };
	struct auth_session_find_rsp rsp;
	struct auth_sessions_rsp row = { 0 };
	struct call *gate = stage_call(st, GATE), *worker = stage_call(st, WORKER),
		    *api = stage_call(st, API);

	(void)state;
	stage_reopen(st);
	assert_status(auth_session_find(&st->store, gate, &find, &rsp), STATUS_SUCCESS);
	assert_true(rsp.worker == WORKER);
	assert_status(auth_session_info(&st->store, worker, &info, NULL), STATUS_SUCCESS);
	assert_status(auth_sessions(&st->store, api, &(struct auth_sessions_req){ 0 }, &row),
		      STATUS_SUCCESS);
	assert_true(row.session == id && row.dialect == 0x0311 && row.cipher == 2);
	assert_string_equal(row.user.s, "Alice");
	assert_status(auth_sessions(&st->store, api, &(struct auth_sessions_req){ id }, &row),
		      STATUS_NO_MORE_ENTRIES);
	call_drop(gate);
	call_drop(worker);
	call_drop(api);
	stage_drop(st);
}

static void
sessions_of_a_dead_worker_end_at_fsd(void **state)
{
	struct stage *st		  = stage_with_alice(&plain);
	uint64_t id			  = session_of(st, GATE, "alice", "secret");
	struct auth_session_find_req find = { .session = id };
	struct auth_session_find_rsp rsp;
	struct call *gate = stage_call(st, GATE);

	(void)state;
	stage_link(st, WORKER)->up = false;
	store_events.peer_down(&st->store, stage_link(st, WORKER));
	assert_non_null(ask_find(st, &fsd_grant_end_desc));
	stage_grant_all(st);
	assert_status(auth_session_find(&st->store, gate, &find, &rsp),
		      STATUS_USER_SESSION_DELETED);
	call_drop(gate);
	stage_drop(st);
}

static void
sessions_whose_worker_did_not_come_back_are_swept(void **state)
{
	struct stage *st = stage_with_alice(&plain);

	(void)state;
	(void)session_of(st, GATE, "alice", "secret");
	sessions_sweep(&st->store);
	assert_int_equal(db_count(st->store.sessions), 1);
	stage_link(st, WORKER)->up = false;
	sessions_sweep(&st->store);
	stage_grant_all(st);
	assert_int_equal(db_count(st->store.sessions), 0);
	stage_drop(st);
}

static void
a_new_fsd_gets_all_grants_again(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct link *fsd = stage_link(st, FSD);

	(void)state;
	store_events.peer_up(&st->store, fsd);
	(void)session_of(st, GATE, "alice", "secret");
	(void)session_of(st, GATE, "bob", "hunter2");
	fsd->peer++;
	store_events.peer_up(&st->store, fsd);
	assert_int_equal(st->n_asks, 2);
	assert_ptr_equal(st->asks[0].desc, &fsd_grant_desc);
	stage_grant_all(st);
	stage_drop(st);
}

static void
removing_a_user_ends_the_sessions(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct call *api = stage_call(st, API);

	(void)state;
	(void)session_of(st, GATE, "alice", "secret");
	(void)session_of(st, GATE, "bob", "hunter2");
	assert_status(user_del(&st->store, api, &(struct user_del_req){ str_of("ALICE") }, NULL),
		      STATUS_SUCCESS);
	assert_non_null(ask_find(st, &worker_session_end_desc));
	stage_grant_all(st);
	assert_int_equal(db_count(st->store.sessions), 1);
	assert_status(refusal_of(st, "alice", "secret"), STATUS_LOGON_FAILURE);
	call_drop(api);
	stage_drop(st);
}

static void
administration_waits_for_the_confirmation(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret");
	struct call *api = stage_call(st, API);

	(void)state;
	assert_status(
	    auth_session_close(&st->store, api, &(struct auth_session_close_req){ id }, NULL),
	    STATUS_PENDING);
	ask_answer(ask_find(st, &worker_session_end_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_false(api->answered);
	ask_answer(ask_find(st, &fsd_grant_end_desc), STATUS_IO_TIMEOUT, SPAN_NONE);
	assert_status(api->status, STATUS_IO_TIMEOUT);
	assert_int_equal(db_count(st->store.sessions), 1);
	call_drop(api);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_that_dies_on_the_way_is_replaced),
		cmocka_unit_test(refusing_worker_leaves_no_session_behind),
		cmocka_unit_test(number_of_a_living_session_is_not_given_twice),
		cmocka_unit_test(logon_that_nobody_waits_for_is_closed),
		cmocka_unit_test(logon_by_a_worker_stays_with_it),
		cmocka_unit_test(registry_outlives_the_process),
		cmocka_unit_test(sessions_of_a_dead_worker_end_at_fsd),
		cmocka_unit_test(sessions_whose_worker_did_not_come_back_are_swept),
		cmocka_unit_test(a_new_fsd_gets_all_grants_again),
		cmocka_unit_test(removing_a_user_ends_the_sessions),
		cmocka_unit_test(administration_waits_for_the_confirmation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
