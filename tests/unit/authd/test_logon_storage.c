/*
 * test_logon_storage.c - logons where fsds of other machines are: who is told of
 * them, who is waited for, who decides.
 */
#include "tests/unit/authd/logons.h"

/* The storage's question of that kind, among those that are not answered. */
static struct ask *
ask_of_vault(struct stage *st, const struct msg_desc *desc)
{
	for (size_t i = 0; i < st->n_asks; i++)
		if (st->asks[i].desc == desc && st->asks[i].peer == VAULT && !st->asks[i].answered)
			return &st->asks[i];
	return NULL;
}

/* Everybody but the storage says yes to alice's logon. */
static struct call *
logon_but_for_vault(struct stage *st, struct client *cl)
{
	const struct names_user_rsp name = { .name = str_of("alice"), .uid = 1001, .gid = 1002 };
	const struct dir_worker_get_rsp worker = { .worker = WORKER2 };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);
	struct call *c;
	uint64_t ctx;

	c = stage_logon(st, GATE, 0, cl, &ctx);
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	w = wr_init(buf, sizeof buf);
	dir_worker_get_rsp_encode(&w, &worker);
	ask_answer(ask_find(st, &dir_worker_get_desc), STATUS_SUCCESS, wr_done(&w));
	ask_answer(ask_find(st, &worker_session_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_true(ask_find(st, &fsd_grant_desc)->peer == FSD);
	ask_answer(ask_find(st, &fsd_grant_desc), STATUS_SUCCESS, SPAN_NONE);
	return c;
}

static void
a_storage_is_told_and_waited_for_but_decides_nothing(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	struct call *c;

	(void)state;
	stage_link(st, VAULT)->up = true;
	c			  = logon_but_for_vault(st, &cl);
	assert_false(c->answered);
	ask_answer(ask_of_vault(st, &fsd_grant_desc), STATUS_ACCESS_DENIED, SPAN_NONE);
	assert_true(accepted(c).worker == WORKER2);
	call_drop(c);
	stage_drop(st);
}

static void
a_silent_storage_is_waited_for_once(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	struct call *c;
	struct ask *silent;

	(void)state;
	stage_link(st, VAULT)->up = true;
	c			  = logon_but_for_vault(st, &cl);
	silent			  = ask_of_vault(st, &fsd_grant_desc);
	ask_answer(silent, STATUS_IO_TIMEOUT, SPAN_NONE);
	assert_true(accepted(c).worker == WORKER2);
	call_drop(c);

	c = logon_but_for_vault(st, &cl);
	assert_true(accepted(c).worker == WORKER2);
	call_drop(c);
	ask_answer(ask_of_vault(st, &fsd_grant_desc), STATUS_SUCCESS, SPAN_NONE);

	silent->late(silent->ctx); /* it has come to itself */
	c = logon_but_for_vault(st, &cl);
	assert_false(c->answered);
	ask_answer(ask_of_vault(st, &fsd_grant_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_true(accepted(c).worker == WORKER2);
	call_drop(c);
	stage_drop(st);
}

static void
where_all_shares_are_on_storages_none_needs_to_be_there(void **state)
{
	struct conf_auth_req conf = plain;
	struct stage *st;

	(void)state;
	conf.own_shares = false;
	st		= stage_with_alice(&conf);
	stage_link(st, FSD)->up = false;
	(void)session_of(st, GATE, "alice", "secret");
	stage_drop(st);
}

/* Whatever incarnation: it may have come back to a directory, or for the first time. */
static void
a_storage_that_comes_gets_all_grants(void **state)
{
	struct stage *st = stage_with_alice(&plain);

	(void)state;
	(void)session_of(st, GATE, "alice", "secret");
	(void)session_of(st, GATE, "bob", "hunter2");
	stage_link(st, VAULT)->up = true;
	st->n_asks		  = 0;
	store_events.peer_up(&st->store, stage_link(st, VAULT));
	assert_int_equal(st->n_asks, 2);
	assert_true(st->asks[1].desc == &fsd_grant_desc && st->asks[1].peer == VAULT);
	stage_grant_all(st);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_storage_is_told_and_waited_for_but_decides_nothing),
		cmocka_unit_test(a_silent_storage_is_waited_for_once),
		cmocka_unit_test(where_all_shares_are_on_storages_none_needs_to_be_there),
		cmocka_unit_test(a_storage_that_comes_gets_all_grants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
