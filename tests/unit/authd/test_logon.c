/*
 * test_logon.c - from CHALLENGE to session: what is asked of whom before the
 * answer, and what every refusal looks like from outside.
 */
#include "tests/unit/authd/logons.h"

#include <dlfcn.h>
#include <openssl/evp.h>

/* ---- how much work was done? ---- */
static unsigned hashes;

int
EVP_DigestSignFinal(EVP_MD_CTX *ctx, unsigned char *sig, size_t *n)
{
	int (*real)(EVP_MD_CTX *, unsigned char *, size_t *);

	*(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestSignFinal");
	hashes++;
	return real(ctx, sig, n);
}

static void
answer_comes_after_worker_and_fsd_have_confirmed(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("ALICE", "secret");
	struct worker_session_req key;
	struct fsd_grant_req grant;
	struct ask *ask;
	uint64_t ctx;
	struct call *c = stage_logon(st, GATE, 0, &cl, &ctx);

	(void)state;
	assert_null(ask_find(st, &dir_worker_get_desc));
	ask = ask_find(st, &names_user_desc);
	assert_non_null(ask);
	stage_grant_all(st);
	assert_true(c->answered);
	call_drop(c);

	c				 = stage_logon(st, GATE, 0, &cl, &ctx);
	const struct names_user_rsp name = { .name = str_of("alice"), .uid = 1001, .gid = 1002 };
	const struct dir_worker_get_rsp worker = { .worker = WORKER2 };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	assert_null(ask_find(st, &fsd_grant_desc));
	w = wr_init(buf, sizeof buf);
	dir_worker_get_rsp_encode(&w, &worker);
	ask_answer(ask_find(st, &dir_worker_get_desc), STATUS_SUCCESS, wr_done(&w));

	ask = ask_find(st, &fsd_grant_desc);
	assert_true(ask->peer == FSD);
	assert_status(fsd_grant_req_decode(SPAN(ask->body, ask->n), &grant), STATUS_SUCCESS);
	assert_true(grant.worker == WORKER2 && grant.session == ctx);
	assert_int_equal(grant.uid, 1001);
	assert_string_equal(grant.user.s, "Alice");
	ask = ask_find(st, &worker_session_desc);
	assert_true(ask->peer == WORKER2);
	assert_status(worker_session_req_decode(SPAN(ask->body, ask->n), &key), STATUS_SUCCESS);
	assert_true(key.ctx == ctx && key.session == ctx);
	assert_memory_equal(key.grant.b, grant.grant.b, sizeof key.grant.b);
	uint8_t want[16];
	memset(want, 0x77, sizeof want); /* what client.h exchanges */
	assert_span(key.key, want, sizeof want);

	assert_false(c->answered);
	ask_answer(ask_find(st, &worker_session_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_false(c->answered);
	ask_answer(ask_find(st, &fsd_grant_desc), STATUS_SUCCESS, SPAN_NONE);
	assert_true(accepted(c).worker == WORKER2);
	assert_int_equal(accepted(c).server_mic.n, 16);
	call_drop(c);
	stage_drop(st);
}

static void
identity_is_the_folded_name(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("aLiCe", "secret");
	struct dir_worker_get_req req;
	struct ask *ask;
	uint64_t ctx;
	struct call *c			 = stage_logon(st, GATE, 0, &cl, &ctx);
	const struct names_user_rsp name = { .name = str_of("alice"), .uid = 1001, .gid = 1 };
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	names_user_rsp_encode(&w, &name);
	ask_answer(ask_find(st, &names_user_desc), STATUS_SUCCESS, wr_done(&w));
	ask = ask_find(st, &dir_worker_get_desc);
	assert_status(dir_worker_get_req_decode(SPAN(ask->body, ask->n), &req), STATUS_SUCCESS);
	assert_string_equal(req.identity.s, "alice");
	assert_false(req.fresh);
	stage_run(st, c);
	call_drop(c);
	stage_drop(st);
}

static void
wrong_password_and_unknown_user_cost_and_answer_the_same(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	unsigned wrong, unknown, disabled_name;

	(void)state;
	hashes = 0;
	assert_status(refusal_of(st, "alice", "wrong"), STATUS_LOGON_FAILURE);
	wrong  = hashes;
	hashes = 0;
	assert_status(refusal_of(st, "nobody-here", "wrong"), STATUS_LOGON_FAILURE);
	unknown = hashes;
	hashes	= 0;
	assert_status(refusal_of(st, "bad/name", "wrong"), STATUS_LOGON_FAILURE);
	disabled_name = hashes;
	assert_true(wrong > 0);
	assert_int_equal(wrong, unknown);
	assert_int_equal(wrong, disabled_name);
	assert_int_equal(st->n_asks, 0);
	stage_drop(st);
}

static void
third_failure_is_answered_late_and_nothing_blocks_meanwhile(void **state)
{
	struct stage *st  = stage_with_alice(&plain);
	struct client bad = client("alice", "wrong");
	uint64_t ctx, before;
	struct call *c;

	(void)state;
	for (int i = 0; i < 2; i++) {
		c = stage_logon(st, GATE, 0, &bad, &ctx);
		assert_true(c->answered);
		call_drop(c);
	}
	before = clock_mono_ns();
	c      = stage_logon(st, GATE, 0, &bad, &ctx);
	assert_false(c->answered);
	assert_true(clock_mono_ns() - before < 100000000u);
	stage_run(st, c);
	assert_status(c->status, STATUS_LOGON_FAILURE);
	assert_true(clock_mono_ns() - before >= 490000000u);
	call_drop(c);
	stage_drop(st);
}

/* smbclient -N does this before every anonymous logon. */
static void
name_without_a_response_is_refused_at_once_every_time(void **state)
{
	struct stage *st = stage_with_alice(&plain);

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct call *c			   = stage_call(st, GATE);
		struct auth_ntlm_begin_req begin   = { .flags = CLIENT_FLAGS };
		struct auth_ntlm_finish_req finish = { .user = str_of("alice") };
		struct auth_ntlm_begin_rsp rsp;
		struct auth_ntlm_finish_rsp none;

		assert_status(auth_ntlm_begin(&st->store, c, &begin, &rsp), STATUS_SUCCESS);
		finish.ctx = rsp.ctx;
		assert_status(auth_ntlm_finish(&st->store, c, &finish, &none), STATUS_PENDING);
		assert_true(c->answered);
		assert_status(c->status, STATUS_LOGON_FAILURE);
		call_drop(c);
	}
	stage_drop(st);
}

static void
missing_unix_account_looks_like_a_wrong_password(void **state)
{
	struct stage *st = stage_with_alice(&plain);
	struct client cl = client("alice", "secret");
	uint64_t ctx;
	struct call *c = stage_logon(st, GATE, 0, &cl, &ctx);

	(void)state;
	ask_answer(ask_find(st, &names_user_desc), STATUS_NO_SUCH_USER, SPAN_NONE);
	assert_status(c->status, STATUS_LOGON_FAILURE);
	assert_null(ask_find(st, &dir_worker_get_desc));
	call_drop(c);
	stage_drop(st);
}

static void
not_root_everybody_is_the_callers_uid_with_a_sid_of_their_own(void **state)
{
	struct conf_auth_req conf = plain;
	struct session a, b;

	(void)state;
	conf.as_uid = conf.as_gid = 1000;
	struct stage *st	  = stage_with_alice(&conf);
	assert_status(
	    registry_find(st->store.sessions, session_of(st, GATE, "alice", "secret"), &a),
	    STATUS_SUCCESS);
	assert_status(registry_find(st->store.sessions, session_of(st, GATE, "bob", "hunter2"), &b),
		      STATUS_SUCCESS);
	assert_int_equal(a.grant.uid, 1000);
	assert_int_equal(b.grant.uid, 1000);
	assert_string_not_equal(a.grant.sid.s, b.grant.sid.s);
	stage_drop(st);
}

static void
unlisted_user_is_refused(void **state)
{
	struct conf_auth_req conf = plain;

	(void)state;
	conf.only_users	 = str_of("bob, carol");
	struct stage *st = stage_with_alice(&conf);
	assert_status(refusal_of(st, "alice", "secret"), STATUS_LOGON_FAILURE);
	(void)session_of(st, GATE, "BOB", "hunter2");
	stage_drop(st);
}

static void
ntlm_can_be_switched_off(void **state)
{
	struct conf_auth_req conf	 = plain;
	struct auth_ntlm_begin_req begin = { .flags = CLIENT_FLAGS };
	struct auth_ntlm_begin_rsp rsp;

	(void)state;
	conf.ntlm	  = false;
	struct stage *st  = stage_with_alice(&conf);
	struct call *call = stage_call(st, GATE);
	assert_status(auth_ntlm_begin(&st->store, call, &begin, &rsp), STATUS_LOGON_FAILURE);
	call_drop(call);
	stage_drop(st);
}

static void
guests_come_in_only_where_configured_and_by_name(void **state)
{
	struct conf_auth_req conf = plain;
	struct stage *st	  = stage_with_alice(&plain);
	struct session s;

	(void)state;
	assert_status(refusal_of(st, "guest", ""), STATUS_LOGON_FAILURE);
	stage_drop(st);

	conf.guest_ok = true;
	st	      = stage_with_alice(&conf);
	assert_status(registry_find(st->store.sessions, session_of(st, GATE, "Guest", ""), &s),
		      STATUS_SUCCESS);
	assert_int_equal(s.row.flags, AUTH_GUEST);
	assert_string_equal(s.grant.user.s, "nobody");
	(void)session_of(st, GATE, "guest", "anything");
	assert_status(refusal_of(st, "alice", "wrong"), STATUS_LOGON_FAILURE);
	assert_status(refusal_of(st, "unknown", "wrong"), STATUS_LOGON_FAILURE);
	stage_drop(st);

	conf.encrypt = CONF_REQUIRED;
	st	     = stage_with_alice(&conf);
	assert_status(refusal_of(st, "guest", ""), STATUS_LOGON_FAILURE);
	stage_drop(st);
}

static struct call *
anonymous(struct stage *st)
{
	struct call *c			   = stage_call(st, GATE);
	struct auth_ntlm_begin_req begin   = { .flags = CLIENT_FLAGS };
	struct auth_ntlm_finish_req finish = { .flags = CLIENT_FLAGS & ~NTLM_KEY_EXCH };
	struct auth_ntlm_begin_rsp rsp;
	struct auth_ntlm_finish_rsp none;

	assert_status(auth_ntlm_begin(&st->store, c, &begin, &rsp), STATUS_SUCCESS);
	finish.ctx = rsp.ctx;
	assert_status(auth_ntlm_finish(&st->store, c, &finish, &none), STATUS_PENDING);
	stage_run(st, c);
	return c;
}

static void
anonymous_gets_a_fresh_worker_where_configured(void **state)
{
	struct conf_auth_req conf = plain;
	struct stage *st	  = stage_with_alice(&plain);
	struct call *c		  = anonymous(st);

	(void)state;
	assert_status(c->status, STATUS_LOGON_FAILURE);
	call_drop(c);
	stage_drop(st);

	conf.guest_ok = true;
	st	      = stage_with_alice(&conf);
	c	      = anonymous(st);
	assert_int_equal(accepted(c).flags, AUTH_ANONYMOUS);
	call_drop(c);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_comes_after_worker_and_fsd_have_confirmed),
		cmocka_unit_test(identity_is_the_folded_name),
		cmocka_unit_test(wrong_password_and_unknown_user_cost_and_answer_the_same),
		cmocka_unit_test(third_failure_is_answered_late_and_nothing_blocks_meanwhile),
		cmocka_unit_test(name_without_a_response_is_refused_at_once_every_time),
		cmocka_unit_test(missing_unix_account_looks_like_a_wrong_password),
		cmocka_unit_test(not_root_everybody_is_the_callers_uid_with_a_sid_of_their_own),
		cmocka_unit_test(unlisted_user_is_refused),
		cmocka_unit_test(ntlm_can_be_switched_off),
		cmocka_unit_test(guests_come_in_only_where_configured_and_by_name),
		cmocka_unit_test(anonymous_gets_a_fresh_worker_where_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
