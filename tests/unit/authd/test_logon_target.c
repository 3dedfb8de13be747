/*
 * test_logon_target.c - logons whose pairs say which server they are for, and to
 * which channel they are bound.  [MS-NLMP] 2.2.2.1
 */
#include "tests/unit/authd/stage.h"

static const struct conf_auth_req plain = {
	.own_shares    = true,
	.netbios_name  = { "SERVER", 6 },
	.workgroup     = { "WORKGROUP", 9 },
	.dns_domain    = { "example.org", 11 },
	.as_uid	       = NO_UID,
	.as_gid	       = NO_UID,
	.guest_account = { "nobody", 6 },
	.signing       = CONF_REQUIRED,
	.ntlm	       = true,
	.lock_pair     = 20,
	.lock_address  = 500,
	.lock_ms       = 600000,
	.spn_names     = { "alias, 192.0.2.7", 16 },
};

/* A right password with these pairs in front of the server's. */
static nt
logon(struct stage *st, struct span more)
{
	struct client c = { .user = "alice", .domain = "WORKGROUP", .password = "secret",
			    .flags = CLIENT_FLAGS, .more = more };
	uint64_t ctx;
	struct call *call = stage_logon(st, GATE, 0, &c, &ctx);
	nt status;

	stage_run(st, call);
	status = call->status;
	call_drop(call);
	return status;
}

static nt
logon_to(struct stage *st, const char *target)
{
	uint8_t pairs[512];
	struct wr w = wr_init(pairs, sizeof pairs);

	if (target)
		wr_ntlm_av_utf16(&w, NTLM_AV_TARGET_NAME, target);
	return logon(st, wr_done(&w));
}

static nt
logon_bound(struct stage *st, const uint8_t *hash, size_t n)
{
	uint8_t pairs[128];
	struct wr w = wr_init(pairs, sizeof pairs);

	wr_ntlm_av(&w, NTLM_AV_CHANNEL_BINDINGS, SPAN(hash, n));
	return logon(st, wr_done(&w));
}

static struct stage *
stage_of(uint8_t spn, bool bound_ok)
{
	struct conf_auth_req conf = plain;
	struct stage *st;

	conf.spn      = spn;
	conf.bound_ok = bound_ok;
	st	      = stage_new(&conf);
	stage_add_user(st, "alice", "secret");
	return st;
}

static const char *const ours[] = { "cifs/server",  "CIFS/Server.Example.Org", "host/SERVER",
				    "cifs/alias",   "cifs/ALIAS",	       "cifs/192.0.2.7" };
static const char *const others[] = { "cifs/other",   "cifs/server.example.net", "cifs/",
				      "ldap/server",  "server",			 "cifs/alias,",
				      "cifs/serve",   "cifs/servers",		 "HTTP/server" };

static void
names_are_ours_by_host_alone(void **state)
{
	struct stage *st = stage_of(SPN_REQUIRED, false);

	(void)state;
	for (size_t i = 0; i < NELEM(ours); i++)
		assert_true(target_is_ours(&st->store, ours[i]));
	for (size_t i = 0; i < NELEM(others); i++)
		assert_false(target_is_ours(&st->store, others[i]));
	stage_drop(st);
}

static void
another_server_is_refused_where_names_are_checked(void **state)
{
	(void)state;
	for (uint8_t level = SPN_UNCHECKED; level <= SPN_REQUIRED; level++) {
		struct stage *st = stage_of(level, false);

		assert_status(logon_to(st, "cifs/Server"), STATUS_SUCCESS);
		assert_status(logon_to(st, "cifs/other"), level == SPN_UNCHECKED
							      ? STATUS_SUCCESS
							      : STATUS_LOGON_FAILURE);
		stage_drop(st);
	}
}

static void
a_name_has_to_be_there_only_where_it_is_required(void **state)
{
	(void)state;
	for (uint8_t level = SPN_UNCHECKED; level <= SPN_REQUIRED; level++) {
		struct stage *st = stage_of(level, false);
		nt want = level == SPN_REQUIRED ? STATUS_LOGON_FAILURE : STATUS_SUCCESS;

		assert_status(logon_to(st, NULL), want);
		assert_status(logon_to(st, ""), want); /* the client could not verify its name */
		stage_drop(st);
	}
}

/* An odd length, and a name that is too long. */
static void
illegible_names_are_nobodys(void **state)
{
	uint8_t odd[] = { NTLM_AV_TARGET_NAME, 0, 3, 0, 'c', 0, 'i' };
	uint8_t pairs[2 * NAME_BOUND + 64];
	struct wr w	 = wr_init(pairs, sizeof pairs);
	struct stage *st = stage_of(SPN_IF_SENT, false);

	(void)state;
	assert_status(logon(st, SPAN(odd, sizeof odd)), STATUS_LOGON_FAILURE);
	wr_u16(&w, NTLM_AV_TARGET_NAME);
	wr_u16(&w, 2 * NAME_BOUND + 2);
	for (size_t i = 0; i <= NAME_BOUND; i++)
		wr_u16(&w, 'x');
	assert_status(logon(st, wr_done(&w)), STATUS_LOGON_FAILURE);
	stage_drop(st);
}

static void
who_is_bound_to_a_channel_means_another_server(void **state)
{
	static const uint8_t none[16], some[16] = { [15] = 1 };
	struct stage *st = stage_of(SPN_UNCHECKED, false);

	(void)state;
	assert_status(logon_bound(st, none, sizeof none), STATUS_SUCCESS);
	assert_status(logon_bound(st, some, sizeof some), STATUS_LOGON_FAILURE);
	stage_drop(st);
	st = stage_of(SPN_UNCHECKED, true);
	assert_status(logon_bound(st, some, sizeof some), STATUS_SUCCESS);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_ours_by_host_alone),
		cmocka_unit_test(another_server_is_refused_where_names_are_checked),
		cmocka_unit_test(a_name_has_to_be_there_only_where_it_is_required),
		cmocka_unit_test(illegible_names_are_nobodys),
		cmocka_unit_test(who_is_bound_to_a_channel_means_another_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
