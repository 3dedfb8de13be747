/*
 * test_logon_domain.c - logons that a domain's controller judges: who is asked
 * about, who is not, and what its word is good for.
 */
#include "tests/unit/authd/stage.h"

#include "base/secret.h"
#include "ipc/msg/net.msg.h"

static const struct conf_auth_req plain = {
	.netbios_name = { "SERVER", 6 },
	.workgroup    = { "EXAMPLE", 7 },
	.realm	      = { "EXAMPLE.ORG", 11 },
	.as_uid	      = NO_UID,
	.as_gid	      = NO_UID,
	.ntlm	      = true,
	.member	      = true,
	.lock_pair    = 3,
	.lock_ms      = 600000,

	.lock_window_ms = 600000,
};

/* The controller says that it was right, and who that is. */
static void
vouch(struct stage *st, const struct client *cl, const char *domain)
{
	uint8_t body[512], sid[SID_SIZE_MAX];
	struct wr w = wr_init(body, sizeof body), u = wr_init(sid, sizeof sid);
	struct sid s;

	assert_true(sid_parse("S-1-5-21-1-2-3-1104", &s));
	wr_sid(&u, &s);
	const struct net_logon_rsp rsp = { .key	     = SPAN(cl->base, sizeof cl->base),
					   .user     = str_of(cl->user),
					   .domain   = str_of(domain),
					   .user_sid = wr_done(&u),
					   .sids     = wr_done(&u) };
	net_logon_rsp_encode(&w, &rsp);
	assert_true(wr_ok(&w));
	ask_answer(ask_find(st, &net_logon_desc), STATUS_SUCCESS, wr_done(&w));
}

static nt
logon_as(struct stage *st, const char *user, const char *domain)
{
	struct client cl = {
		.user = user, .domain = "EXAMPLE", .password = "secret", .flags = CLIENT_FLAGS
	};
	uint64_t ctx;
	struct call *c = stage_logon(st, GATE, 0, &cl, &ctx);
	nt status;

	vouch(st, &cl, domain);
	stage_run(st, c);
	status = c->status;
	call_drop(c);
	return status;
}

static void
user_of_our_domain_is_the_account_of_that_name(void **state)
{
	struct stage *st = stage_new(&plain);

	(void)state;
	assert_status(logon_as(st, "alice", "EXAMPLE"), STATUS_SUCCESS);
	assert_status(logon_as(st, "alice", "TRUSTED"), STATUS_LOGON_FAILURE);
	stage_drop(st);
}

static void
user_of_the_domain_who_is_not_listed_is_refused(void **state)
{
	struct conf_auth_req conf = plain;

	(void)state;
	conf.only_users	 = str_of("bob, EXAMPLE\\carol");
	struct stage *st = stage_new(&conf);
	assert_status(logon_as(st, "alice", "EXAMPLE"), STATUS_LOGON_FAILURE);
	assert_status(logon_as(st, "bob", "EXAMPLE"), STATUS_SUCCESS);
	assert_status(logon_as(st, "carol", "EXAMPLE"), STATUS_SUCCESS);
	stage_drop(st);
}

/* A guess more or less at the controller would be one towards its own lock-out. */
static void
whoever_is_locked_out_does_not_reach_the_controller(void **state)
{
	struct client cl = {
		.user = "alice", .domain = "EXAMPLE", .password = "no", .flags = CLIENT_FLAGS
	};
	struct stage *st = stage_new(&plain);
	struct call *c;
	uint64_t ctx;
	int asked = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		c = stage_logon(st, GATE, 0, &cl, &ctx);
		if (ask_find(st, &net_logon_desc)) {
			ask_answer(ask_find(st, &net_logon_desc), STATUS_WRONG_PASSWORD, SPAN_NONE);
			asked++;
		}
		stage_run(st, c);
		assert_status(c->status, STATUS_LOGON_FAILURE);
		call_drop(c);
	}
	assert_int_equal(asked, 3);
	stage_drop(st);
}

/* Guesses that are on their way together are as many as may fail one after the other. */
static void
a_burst_of_guesses_reaches_the_controller_in_part(void **state)
{
	struct client cl = {
		.user = "alice", .domain = "EXAMPLE", .password = "no", .flags = CLIENT_FLAGS
	};
	struct client other = cl;
	struct stage *st    = stage_new(&plain);
	struct call *c[5];
	struct ask *ask;
	uint64_t ctx;

	(void)state;
	other.user = "bob";
	for (size_t i = 0; i < NELEM(c); i++)
		c[i] = stage_logon(st, GATE, 0, i < 4 ? &cl : &other, &ctx);
	for (size_t i = 0; i < NELEM(c); i++)
		assert_int_equal(c[i]->answered, i == 3);
	assert_status(c[3]->status, STATUS_INSUFFICIENT_RESOURCES);
	while ((ask = ask_find(st, &net_logon_desc)))
		ask_answer(ask, STATUS_WRONG_PASSWORD, SPAN_NONE);
	for (size_t i = 0; i < NELEM(c); i++) {
		stage_run(st, c[i]);
		call_drop(c[i]);
	}
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_of_our_domain_is_the_account_of_that_name),
		cmocka_unit_test(user_of_the_domain_who_is_not_listed_is_refused),
		cmocka_unit_test(whoever_is_locked_out_does_not_reach_the_controller),
		cmocka_unit_test(a_burst_of_guesses_reaches_the_controller_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
