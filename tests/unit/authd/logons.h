/*
 * logons.h - what the tests of logons share: a store with two accounts, and
 * logons from beginning to end.
 */
#ifndef TESTS_UNIT_AUTHD_LOGONS_H
#define TESTS_UNIT_AUTHD_LOGONS_H

#include "tests/unit/authd/stage.h"

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

static inline struct client
client(const char *user, const char *password)
{
	return (struct client){
		.user = user, .domain = "WORKGROUP", .password = password, .flags = CLIENT_FLAGS
	};
}

static inline struct stage *
stage_with_alice(const struct conf_auth_req *conf)
{
	struct stage *st = stage_new(conf);

	stage_add_user(st, "Alice", "secret");
	stage_add_user(st, "bob", "hunter2");
	return st;
}

static inline struct auth_ntlm_finish_rsp
accepted(const struct call *c)
{
	struct auth_ntlm_finish_rsp rsp;

	assert_true(c->answered);
	assert_status(c->status, STATUS_SUCCESS);
	assert_status(auth_ntlm_finish_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
	return rsp;
}

/* The names process answers; nobody else does. */
static inline void
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
static inline uint64_t
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

static inline nt
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

#endif
