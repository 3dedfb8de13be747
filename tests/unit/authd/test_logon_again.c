/*
 * test_logon_again.c - a session that is there already: the one before it,
 * authenticated again, bound.
 */
#include "tests/unit/authd/logons.h"

static void
previous_session_of_the_same_user_ends_first(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t old	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("alice", "secret");
	struct session gone;
	const struct names_user_rsp name = { .name = str_of("alice"), .uid = 1001, .gid = 1 };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	cl.req.previous_session = old;
	struct call *c		= stage_logon(st, GATE, 0, &cl, &ctx);
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	assert_non_null(ask_find(st, &worker_session_end_desc));
	assert_null(ask_find(st, &dir_worker_get_desc));
	ask_answer(ask_find(st, &worker_session_end_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_null(ask_find(st, &dir_worker_get_desc));
	ask_answer(ask_find(st, &fsd_grant_end_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_non_null(ask_find(st, &dir_worker_get_desc));
	stage_run(st, c);
	assert_true(accepted(c).session == ctx);
	assert_status(registry_find(st->store.sessions, old, &gone), STATUS_USER_SESSION_DELETED);
	call_drop(c);
	stage_drop(st);
}

static void
previous_session_of_another_user_stays(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t bobs	 = session_of(st, GATE, "bob", "hunter2"), ctx;
	struct client cl = client("alice", "secret");
	struct session still;

	(void)state;
	cl.req.previous_session = bobs;
	struct call *c		= stage_logon(st, GATE, 0, &cl, &ctx);
	stage_run(st, c);
	(void)accepted(c);
	assert_status(registry_find(st->store.sessions, bobs, &still), STATUS_SUCCESS);
	call_drop(c);
	stage_drop(st);
}

static void
reauthentication_renews_grant_and_session_and_no_key(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("alice", "secret");
	struct call *c	 = stage_logon(st, WORKER, id, &cl, &ctx);
	struct worker_session_again_req again;
	struct fsd_grant_req grant;
	struct session s;
	struct ask *ask;

	(void)state;
	assert_status(registry_find(st->store.sessions, id, &s), STATUS_SUCCESS);
	answer_name(st);
	ask = ask_find(st, &fsd_grant_desc);
	assert_non_null(ask);
	assert_status(fsd_grant_req_decode(SPAN(ask->body, ask->n), &grant), STATUS_SUCCESS);
	assert_memory_equal(grant.grant.b, s.grant.grant.b, sizeof grant.grant.b);
	assert_true(grant.session == id && grant.worker == WORKER);
	ask = ask_find(st, &worker_session_again_desc);
	assert_non_null(ask);
	assert_status(worker_session_again_req_decode(SPAN(ask->body, ask->n), &again),
		      STATUS_SUCCESS);
	assert_true(again.session == id);
	assert_null(ask_find(st, &worker_session_desc));
	assert_false(c->answered);
	stage_run(st, c);
	assert_true(accepted(c).session == id && ctx != id);
	call_drop(c);
	stage_drop(st);
}

static void
reauthentication_as_another_user_changes_whose_it_is(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("bob", "hunter2");
	struct call *c	 = stage_logon(st, WORKER, id, &cl, &ctx);
	struct session s;

	(void)state;
	stage_run(st, c);
	assert_true(accepted(c).session == id);
	assert_status(registry_find(st->store.sessions, id, &s), STATUS_SUCCESS);
	assert_string_equal(s.row.user.s, "bob");
	assert_string_equal(s.grant.user.s, "bob");
	call_drop(c);
	stage_drop(st);
}

/* Worker and fsd would disagree about who it is. */
static void
reauthentication_that_fsd_refuses_ends_the_session(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("bob", "hunter2");
	struct call *c	 = stage_logon(st, WORKER, id, &cl, &ctx);

	(void)state;
	answer_name(st);
	ask_answer(ask_find(st, &fsd_grant_desc), STATUS_ACCESS_DENIED, SPAN_NONE);
	ask_answer(ask_find(st, &worker_session_again_desc), STATUS_SUCCESS, SPAN_NONE);
	stage_run(st, c);
	assert_status(c->status, STATUS_LOGON_FAILURE);
	assert_int_equal(db_count(st->store.sessions), 0);
	call_drop(c);
	stage_drop(st);
}

/* Its grant would outlive it at fsd, which was told of the end before. */
static void
session_that_is_being_ended_is_not_renewed(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("alice", "secret");

	(void)state;
	session_close(&st->store, id, NULL, NULL);
	struct call *c = stage_logon(st, WORKER, id, &cl, &ctx);
	answer_name(st);
	assert_null(ask_find(st, &fsd_grant_desc));
	stage_run(st, c);
	assert_status(c->status, STATUS_USER_SESSION_DELETED);
	assert_int_equal(db_count(st->store.sessions), 0);
	call_drop(c);
	stage_drop(st);
}

static void
binding_as_another_user_is_denied(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("bob", "hunter2");

	(void)state;
	cl.req.binding = true;
	struct call *c = stage_logon(st, WORKER, id, &cl, &ctx);
	stage_run(st, c);
	assert_status(c->status, STATUS_ACCESS_DENIED);
	call_drop(c);
	stage_drop(st);
}

static void
only_the_sessions_worker_may_touch_it(void **state)
{
	struct stage *st		  = stage_with_alice(&plain);
	uint64_t id			  = session_of(st, GATE, "alice", "secret");
	struct auth_ntlm_begin_req begin  = { .flags = CLIENT_FLAGS, .session = id };
	struct auth_session_end_req end	  = { .session = id };
	struct auth_session_info_req info = { .session = id };
	struct auth_ntlm_begin_rsp rsp;
	struct call *c = stage_call(st, WORKER2);

	(void)state;
	assert_status(auth_ntlm_begin(&st->store, c, &begin, &rsp), STATUS_USER_SESSION_DELETED);
	assert_status(auth_session_end(&st->store, c, &end, NULL), STATUS_USER_SESSION_DELETED);
	assert_status(auth_session_info(&st->store, c, &info, NULL), STATUS_USER_SESSION_DELETED);
	assert_int_equal(db_count(st->store.sessions), 1);
	call_drop(c);
	stage_drop(st);
}

static void
binding_pushes_the_channels_key_under_the_same_grant(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	uint64_t id	 = session_of(st, GATE, "alice", "secret"), ctx;
	struct client cl = client("alice", "secret");
	struct worker_session_req key;
	struct session s;
	struct ask *ask;

	(void)state;
	cl.req.binding = true;
	struct call *c = stage_logon(st, WORKER, id, &cl, &ctx);
	answer_name(st);
	ask = ask_find(st, &worker_session_desc);
	assert_non_null(ask);
	assert_status(worker_session_req_decode(SPAN(ask->body, ask->n), &key), STATUS_SUCCESS);
	assert_true(key.session == id && key.ctx == ctx);
	assert_status(registry_find(st->store.sessions, id, &s), STATUS_SUCCESS);
	assert_memory_equal(key.grant.b, s.grant.grant.b, sizeof key.grant.b);
	assert_false(c->answered);
	ask_answer(ask, STATUS_SUCCESS, SPAN_NONE);
	assert_true(accepted(c).session == id);
	call_drop(c);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(previous_session_of_the_same_user_ends_first),
		cmocka_unit_test(previous_session_of_another_user_stays),
		cmocka_unit_test(reauthentication_renews_grant_and_session_and_no_key),
		cmocka_unit_test(reauthentication_as_another_user_changes_whose_it_is),
		cmocka_unit_test(reauthentication_that_fsd_refuses_ends_the_session),
		cmocka_unit_test(session_that_is_being_ended_is_not_renewed),
		cmocka_unit_test(binding_as_another_user_is_denied),
		cmocka_unit_test(only_the_sessions_worker_may_touch_it),
		cmocka_unit_test(binding_pushes_the_channels_key_under_the_same_grant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
