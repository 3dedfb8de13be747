/*
 * test_logon.c - from CHALLENGE to session: what is asked of whom before the
 * answer, what every refusal looks like from outside, and what happens when
 * somebody dies on the way.
 */
#include "tests/unit/authd/stage.h"

#include <dlfcn.h>
#include <openssl/evp.h>

#include "base/log.h"
#include "base/secret.h"

static const struct conf_auth_req plain = {
	.own_shares    = true,
	.netbios_name  = { "SERVER", 6 },
	.workgroup     = { "WORKGROUP", 9 },
	.as_uid	       = NO_UID,
	.as_gid	       = NO_UID,
	.guest_account = { "nobody", 6 },
	.signing       = CONF_REQUIRED,
	.ntlm	       = true,
	.lock_pair     = 20,
	.lock_address  = 500,
	.lock_ms       = 600000,
};

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

static struct client
client(const char *user, const char *password)
{
	return (struct client){
		.user = user, .domain = "WORKGROUP", .password = password, .flags = CLIENT_FLAGS
	};
}

static struct stage *
stage_with_alice(const struct conf_auth_req *conf)
{
	struct stage *st = stage_new(conf);

	stage_add_user(st, "Alice", "secret");
	stage_add_user(st, "bob", "hunter2");
	return st;
}

static struct auth_ntlm_finish_rsp
accepted(const struct call *c)
{
	struct auth_ntlm_finish_rsp rsp;

	assert_true(c->answered);
	assert_status(c->status, STATUS_SUCCESS);
	assert_status(auth_ntlm_finish_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
	return rsp;
}

/* The names process answers; nobody else does. */
static void
answer_name(struct stage *st)
{
	const struct names_user_rsp name = { .name = str_of("x"), .uid = 1009, .gid = 1009 };
	struct ask *ask			 = ask_find(st, &names_user_desc);
	struct names_user_req req;
	struct names_user_rsp rsp = name;
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	assert_non_null(ask);
	assert_status(names_user_req_decode(SPAN(ask->body, ask->n), &req), STATUS_SUCCESS);
	rsp.uid = stage_uid(req.name.s);
	names_user_rsp_encode(&w, &rsp);
	ask_answer(ask, STATUS_SUCCESS, wr_done(&w));
}

/* Logs on and gives the session id. */
static uint64_t
session_of(struct stage *st, uint64_t from, const char *user, const char *password)
{
	struct client cl = client(user, password);
	uint64_t ctx;
	struct call *c = stage_logon(st, from, 0, &cl, &ctx);

	stage_run(st, c);
	assert_true(accepted(c).session == ctx);
	call_drop(c);
	return ctx;
}

static nt
refusal_of(struct stage *st, const char *user, const char *password)
{
	struct client cl = client(user, password);
	uint64_t ctx;
	struct call *c = stage_logon(st, GATE, 0, &cl, &ctx);
	nt status;

	stage_run(st, c);
	status = c->status;
	call_drop(c);
	return status;
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

/* ---- what a captured gate may say ---- */

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
		cmocka_unit_test(answer_comes_after_worker_and_fsd_have_confirmed),
		cmocka_unit_test(a_storage_is_told_and_waited_for_but_decides_nothing),
		cmocka_unit_test(a_silent_storage_is_waited_for_once),
		cmocka_unit_test(where_all_shares_are_on_storages_none_needs_to_be_there),
		cmocka_unit_test(a_storage_that_comes_gets_all_grants),
		cmocka_unit_test(identity_is_the_folded_name),
		cmocka_unit_test(wrong_password_and_unknown_user_cost_and_answer_the_same),
		cmocka_unit_test(third_failure_is_answered_late_and_nothing_blocks_meanwhile),
		cmocka_unit_test(name_without_a_response_is_refused_at_once_every_time),
		cmocka_unit_test(context_is_good_once_and_for_its_peer_only),
		cmocka_unit_test(worker_that_begins_without_end_loses_its_own_oldest),
		cmocka_unit_test(worker_with_many_pending_logons_gets_no_more),
		cmocka_unit_test(damaged_requests_end_in_refusals),
		cmocka_unit_test(client_without_unicode_is_refused),
		cmocka_unit_test(missing_unix_account_looks_like_a_wrong_password),
		cmocka_unit_test(not_root_everybody_is_the_callers_uid_with_a_sid_of_their_own),
		cmocka_unit_test(unlisted_user_is_refused),
		cmocka_unit_test(previous_session_of_the_same_user_ends_first),
		cmocka_unit_test(previous_session_of_another_user_stays),
		cmocka_unit_test(worker_that_dies_on_the_way_is_replaced),
		cmocka_unit_test(refusing_worker_leaves_no_session_behind),
		cmocka_unit_test(number_of_a_living_session_is_not_given_twice),
		cmocka_unit_test(logon_that_nobody_waits_for_is_closed),
		cmocka_unit_test(logon_by_a_worker_stays_with_it),
		cmocka_unit_test(reauthentication_renews_grant_and_session_and_no_key),
		cmocka_unit_test(reauthentication_as_another_user_changes_whose_it_is),
		cmocka_unit_test(reauthentication_that_fsd_refuses_ends_the_session),
		cmocka_unit_test(session_that_is_being_ended_is_not_renewed),
		cmocka_unit_test(binding_as_another_user_is_denied),
		cmocka_unit_test(ntlm_can_be_switched_off),
		cmocka_unit_test(only_the_sessions_worker_may_touch_it),
		cmocka_unit_test(binding_pushes_the_channels_key_under_the_same_grant),
		cmocka_unit_test(guests_come_in_only_where_configured_and_by_name),
		cmocka_unit_test(anonymous_gets_a_fresh_worker_where_configured),
		cmocka_unit_test(registry_outlives_the_process),
		cmocka_unit_test(sessions_of_a_dead_worker_end_at_fsd),
		cmocka_unit_test(sessions_whose_worker_did_not_come_back_are_swept),
		cmocka_unit_test(a_new_fsd_gets_all_grants_again),
		cmocka_unit_test(removing_a_user_ends_the_sessions),
		cmocka_unit_test(administration_waits_for_the_confirmation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
