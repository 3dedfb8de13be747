/*
 * test_peers.c - who hears of others' sessions and ends them: a worker speaks for
 * its own sessions only, and fsd decides who is an operator.
 */
#include "tests/unit/authd/stage.h"

enum { OPERATORS = 5, BOBS = 9 };

static const struct conf_auth_req plain = {
	.netbios_name = { "SERVER", 6 },
	.workgroup    = { "WORKGROUP", 9 },
	.as_uid	      = NO_UID,
	.as_gid	      = NO_UID,
	.ntlm	      = true,
};

static void
put(struct stage *st, uint64_t id, uint64_t worker, const char *user, uint32_t flags)
{
	const struct auth_sessions_rsp row = { .session = id,
					       .user	= str_of(user),
					       .domain	= str_of(""),
					       .worker	= worker,
					       .flags	= flags,
					       .started = 17,
					       .method	= str_of("ntlm") };
	const struct fsd_grant_req grant   = { .grant	= { { (uint8_t)id } },
					       .worker	= worker,
					       .session = id,
					       .user	= str_of(user),
					       .sid	= str_of(""),
					       .domain	= str_of(""),
					       .realm	= str_of(""),
					       .logon	= str_of("") };

	assert_status(registry_put(st->store.sessions, &row, &grant), STATUS_SUCCESS);
}

static struct stage *
two_sessions(const struct conf_auth_req *conf)
{
	struct stage *st = stage_new(conf);

	put(st, OPERATORS, WORKER, "op", 0);
	put(st, BOBS, WORKER2, "bob", 0);
	return st;
}

/* What the worker is told at once: PENDING where others are asked first. */
static struct call *
ask_peers(struct stage *st, uint64_t from, uint64_t asks, bool brief, uint64_t after, nt want)
{
	const struct auth_peers_req req = { .asks = asks, .brief = brief, .after = after };
	struct call *c			= stage_call(st, from);

	assert_status(auth_peers(&st->store, c, &req, NULL), want);
	return c;
}

static void
say_operator(struct stage *st, nt status)
{
	struct ask *ask = ask_find(st, &fsd_operator_desc);
	struct fsd_operator_req req;

	assert_non_null(ask);
	assert_true(ask->peer == FSD);
	assert_status(fsd_operator_req_decode(SPAN(ask->body, ask->n), &req), STATUS_SUCCESS);
	assert_int_equal(req.grant.b[0], OPERATORS);
	ask_answer(ask, status, SPAN_NONE);
}

static void
say_use(struct stage *st, uint64_t worker)
{
	const struct worker_session_use_rsp use = { .idle_s = 3, .opens = 4 };
	struct ask *ask				= ask_find(st, &worker_session_use_desc);
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof buf);

	assert_non_null(ask);
	assert_true(ask->peer == worker);
	worker_session_use_rsp_encode(&w, &use);
	ask_answer(ask, STATUS_SUCCESS, wr_done(&w));
}

static void
operator_gets_a_row_with_what_its_worker_says(void **state)
{
	struct stage *st = two_sessions(&plain);
	struct call *c	 = ask_peers(st, WORKER, OPERATORS, false, OPERATORS, STATUS_PENDING);
	struct auth_peers_rsp row;

	(void)state;
	say_operator(st, STATUS_SUCCESS);
	assert_false(c->answered);
	say_use(st, WORKER2);
	assert_true(c->answered);
	assert_status(c->status, STATUS_SUCCESS);
	assert_status(auth_peers_rsp_decode(SPAN(c->body, c->n), &row), STATUS_SUCCESS);
	assert_true(row.session == BOBS);
	assert_string_equal(row.user.s, "bob");
	assert_int_equal(row.idle_s, 3);
	assert_int_equal(row.opens, 4);
	call_drop(c);

	c = ask_peers(st, WORKER, OPERATORS, false, BOBS, STATUS_PENDING);
	say_operator(st, STATUS_SUCCESS);
	assert_status(c->status, STATUS_NO_MORE_ENTRIES);
	call_drop(c);
	stage_drop(st);
}

static void
who_is_no_operator_hears_nothing(void **state)
{
	struct stage *st = two_sessions(&plain);
	struct call *c	 = ask_peers(st, WORKER, OPERATORS, true, 0, STATUS_PENDING);

	(void)state;
	say_operator(st, STATUS_ACCESS_DENIED);
	assert_status(c->status, STATUS_ACCESS_DENIED);
	assert_null(ask_find(st, &worker_session_use_desc));
	call_drop(c);
	stage_drop(st);
}

static void
worker_does_not_speak_for_another(void **state)
{
	struct stage *st = two_sessions(&plain);
	struct auth_peer_end_req end = { .asks = OPERATORS, .session = BOBS };
	struct call *c = ask_peers(st, WORKER2, OPERATORS, false, 0, STATUS_USER_SESSION_DELETED);

	(void)state;
	assert_status(auth_peer_end(&st->store, c, &end, NULL), STATUS_USER_SESSION_DELETED);
	assert_null(ask_find(st, &fsd_operator_desc));
	assert_null(ask_find(st, &worker_session_end_desc));
	call_drop(c);
	stage_drop(st);
}

static void
users_see_briefly_where_configured_and_guests_never(void **state)
{
	struct conf_auth_req conf = plain;
	struct stage *st;
	struct call *c;

	(void)state;
	conf.sessions_public = true;
	st		     = two_sessions(&conf);
	c		     = ask_peers(st, WORKER2, BOBS, true, 0, STATUS_PENDING);
	assert_null(ask_find(st, &fsd_operator_desc));
	say_use(st, WORKER);
	assert_status(c->status, STATUS_SUCCESS);
	call_drop(c);

	c = ask_peers(st, WORKER, OPERATORS, false, 0, STATUS_PENDING);
	say_operator(st, STATUS_ACCESS_DENIED);
	assert_status(c->status, STATUS_ACCESS_DENIED);
	call_drop(c);

	put(st, OPERATORS, WORKER, "op", AUTH_GUEST);
	c = ask_peers(st, WORKER, OPERATORS, true, 0, STATUS_PENDING);
	say_operator(st, STATUS_ACCESS_DENIED);
	assert_status(c->status, STATUS_ACCESS_DENIED);
	call_drop(c);
	stage_drop(st);
}

static void
only_an_operator_ends_anothers_session(void **state)
{
	struct stage *st	     = two_sessions(&plain);
	struct auth_peer_end_req end = { .asks = OPERATORS, .session = BOBS };
	struct call *c		     = stage_call(st, WORKER);

	(void)state;
	assert_status(auth_peer_end(&st->store, c, &end, NULL), STATUS_PENDING);
	say_operator(st, STATUS_ACCESS_DENIED);
	assert_status(c->status, STATUS_ACCESS_DENIED);
	assert_null(ask_find(st, &worker_session_end_desc));
	call_drop(c);

	c = stage_call(st, WORKER);
	assert_status(auth_peer_end(&st->store, c, &end, NULL), STATUS_PENDING);
	say_operator(st, STATUS_SUCCESS);
	assert_false(c->answered);
	ask_answer(ask_find(st, &worker_session_end_desc), STATUS_SUCCESS, SPAN_NONE);
	ask_answer(ask_find(st, &fsd_grant_end_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_status(c->status, STATUS_SUCCESS);
	call_drop(c);
	stage_drop(st);
}

static void
one_worker_does_not_fill_the_store_with_questions(void **state)
{
	struct stage *st = two_sessions(&plain);
	struct call *calls[PER_WORKER];

	(void)state;
	for (unsigned i = 0; i < PER_WORKER; i++)
		calls[i] = ask_peers(st, WORKER, OPERATORS, false, 0, STATUS_PENDING);
	call_drop(ask_peers(st, WORKER, OPERATORS, false, 0, STATUS_RETRY));
	for (unsigned i = 0; i < PER_WORKER; i++) {
		say_operator(st, STATUS_ACCESS_DENIED);
		call_drop(calls[i]);
	}
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operator_gets_a_row_with_what_its_worker_says),
		cmocka_unit_test(who_is_no_operator_hears_nothing),
		cmocka_unit_test(worker_does_not_speak_for_another),
		cmocka_unit_test(users_see_briefly_where_configured_and_guests_never),
		cmocka_unit_test(only_an_operator_ends_anothers_session),
		cmocka_unit_test(one_worker_does_not_fill_the_store_with_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
