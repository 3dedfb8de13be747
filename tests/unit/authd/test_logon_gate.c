/*
 * test_logon_gate.c - what a captured gate or worker may say of logons, and how
 * many it may begin.
 */
#include "tests/unit/authd/logons.h"

static void
context_is_good_once_and_for_its_peer_only(void **state)
{
	struct stage *st		   = stage_with_alice(&plain);
	struct auth_ntlm_begin_req begin   = { .flags = CLIENT_FLAGS };
	struct auth_ntlm_finish_req finish = { .user	    = str_of("alice"),
					       .domain	    = str_of(""),
					       .workstation = str_of("") };
	struct auth_ntlm_begin_rsp rsp;
	struct auth_ntlm_finish_rsp out;
	struct call *gate = stage_call(st, GATE), *worker = stage_call(st, WORKER);

	(void)state;
	assert_status(auth_ntlm_begin(&st->store, gate, &begin, &rsp), STATUS_SUCCESS);
	finish.ctx = rsp.ctx;
	assert_status(auth_ntlm_finish(&st->store, worker, &finish, &out),
		      STATUS_INVALID_PARAMETER);
	assert_status(auth_ntlm_finish(&st->store, gate, &finish, &out), STATUS_PENDING);
	assert_status(gate->status, STATUS_LOGON_FAILURE);
	call_drop(gate);
	gate = stage_call(st, GATE);
	assert_status(auth_ntlm_finish(&st->store, gate, &finish, &out), STATUS_INVALID_PARAMETER);
	call_drop(gate);
	call_drop(worker);
	stage_drop(st);
}

static void
worker_that_begins_without_end_loses_its_own_oldest(void **state)
{
	struct stage *st		 = stage_with_alice(&plain);
	struct auth_ntlm_begin_req begin = { .flags = CLIENT_FLAGS };
	struct auth_ntlm_begin_rsp gates, first, rsp;
	struct context c;

	(void)state;
	struct call *call = stage_call(st, GATE);
	assert_status(auth_ntlm_begin(&st->store, call, &begin, &gates), STATUS_SUCCESS);
	call_drop(call);
	for (uint32_t i = 0; i <= PER_WORKER; i++) {
		call = stage_call(st, WORKER);
		assert_status(auth_ntlm_begin(&st->store, call, &begin, i ? &rsp : &first),
			      STATUS_SUCCESS);
		call_drop(call);
	}
	assert_int_equal(contexts_count(st->store.contexts), PER_WORKER + 1);
	assert_status(
	    context_take(st->store.contexts, first.ctx, WORKER, store_now_ms(&st->store), &c),
	    STATUS_INVALID_PARAMETER);
	assert_status(
	    context_take(st->store.contexts, gates.ctx, GATE, store_now_ms(&st->store), &c),
	    STATUS_SUCCESS);
	stage_drop(st);
}

static void
worker_with_many_pending_logons_gets_no_more(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("bob", "hunter2");
	struct call *calls[PER_WORKER], *c;
	uint64_t ctx;

	(void)state;
	for (size_t i = 0; i < PER_WORKER; i++) {
		calls[i] = stage_logon(st, WORKER, 0, &cl, &ctx);
		assert_false(calls[i]->answered);
	}
	c = stage_logon(st, WORKER, 0, &cl, &ctx);
	assert_status(c->status, STATUS_INSUFFICIENT_RESOURCES);
	call_drop(c);
	c = stage_logon(st, GATE, 0, &cl, &ctx); /* nobody else minds */
	assert_false(c->answered);
	stage_run(st, c);
	call_drop(c);
	for (size_t i = 0; i < PER_WORKER; i++) {
		stage_run(st, calls[i]);
		call_drop(calls[i]);
	}
	stage_drop(st);
}

static struct stage *hurt;

static void
logons_cancel(struct stage *st)
{
	while (!TAILQ_EMPTY(&st->store.logons))
		logon_fail(TAILQ_FIRST(&st->store.logons), STATUS_CANCELLED, "the test goes on");
	st->n_asks = 0;
}

/* As dispatch does it, with an exchange of the gate's own in the first field. */
static void
try_finish(struct span body)
{
	struct auth_ntlm_begin_req begin = { .flags = CLIENT_FLAGS };
	struct auth_ntlm_begin_rsp rsp;
	struct auth_ntlm_finish_req req;
	struct auth_ntlm_finish_rsp none;
	struct call *c = stage_call(hurt, GATE);
	struct wr w    = wr_init((uint8_t *)(uintptr_t)body.p, body.n);

	assert_status(auth_ntlm_begin(&hurt->store, c, &begin, &rsp), STATUS_SUCCESS);
	wr_u64(&w, rsp.ctx);
	if (!nt_failed(auth_ntlm_finish_req_decode(body, &req)) &&
	    nt_is(auth_ntlm_finish(&hurt->store, c, &req, &none), STATUS_PENDING)) {
		logons_cancel(hurt);
		assert_true(nt_failed(c->status));
	}
	call_drop(c);
}

static void
damaged_requests_end_in_refusals(void **state)
{
	struct client cl      = client("alice", "wrong");
	struct challenge sent = { .flags = CLIENT_FLAGS };
	static uint8_t body[8192];
	struct wr w = wr_init(body, sizeof body), info;
	uint8_t pairs[512];

	(void)state;
	hurt = stage_with_alice(&plain);
	info = wr_init(pairs, sizeof pairs);
	target_info_encode(&hurt->store, 0, &info);
	sent.target_info = wr_done(&info);
	client_answer(&cl, &sent);
	auth_ntlm_finish_req_encode(&w, &cl.req);
	log_set_level(LOG_LEVEL_ERROR);
	check_mutations(wr_done(&w), try_finish);
	check_cuts(wr_done(&w), try_finish);
	log_set_level(LOG_LEVEL_INFO);
	stage_drop(hurt);
}

static void
client_without_unicode_is_refused(void **state)
{
	struct stage *st		 = stage_with_alice(&plain);
	struct auth_ntlm_begin_req begin = { .flags = CLIENT_FLAGS & ~NTLM_UNICODE };
	struct auth_ntlm_begin_rsp rsp;
	struct call *call = stage_call(st, GATE);

	(void)state;
	assert_status(auth_ntlm_begin(&st->store, call, &begin, &rsp), STATUS_INVALID_PARAMETER);
	call_drop(call);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(context_is_good_once_and_for_its_peer_only),
		cmocka_unit_test(worker_that_begins_without_end_loses_its_own_oldest),
		cmocka_unit_test(worker_with_many_pending_logons_gets_no_more),
		cmocka_unit_test(damaged_requests_end_in_refusals),
		cmocka_unit_test(client_without_unicode_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
