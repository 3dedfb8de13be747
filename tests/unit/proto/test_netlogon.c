/*
 * test_netlogon.c - the secure channel as Samba 4.17 speaks it: recorded keys,
 * proofs, sealed and opened answers; and what a controller may say instead.
 * [MS-NRPC] 2.2.1.4.13, 3.1.4.3.1, 3.1.4.4.1, 3.3.4.2
 */
#include "tests/unit/check.h"

#include "proto/auth/netlogon_crypto.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/rpc/epm.h"
#include "proto/rpc/netlogon.h"

static uint8_t sids_room[65536];

struct recorded {
	uint8_t hash[16], client[8], server[8], key[16];
};

static struct recorded
recorded_key(void)
{
	struct recorded k;
	uint8_t buf[64];
	struct rd r = rd_init(vector_load("netlogon/session_key.hex", buf, sizeof buf));

	rd_copy(&r, k.hash, sizeof k.hash);
	rd_copy(&r, k.client, sizeof k.client);
	rd_copy(&r, k.server, sizeof k.server);
	rd_copy(&r, k.key, sizeof k.key);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
	return k;
}

static void
challenges_and_password_make_the_recorded_key(void **state)
{
	struct recorded k = recorded_key();
	uint8_t hash[16], key[16];

	(void)state;
	assert_status(ntlm_hash("Fs1-machine-pw-Long-1", hash), STATUS_SUCCESS);
	assert_memory_equal(hash, k.hash, sizeof hash);
	netlogon_session_key(hash, k.client, k.server, key);
	assert_memory_equal(key, k.key, sizeof key);
}

static void
the_controller_proves_itself_under_that_key(void **state)
{
	struct recorded k = recorded_key();
	struct netlogon_authenticated a;
	uint8_t buf[64], expected[8];
	nt status;

	(void)state;
	assert_status(netlogon_authenticate3_decode(
			  vector_load("netlogon/authenticate3.hex", buf, sizeof buf), &a, &status),
		      STATUS_SUCCESS);
	assert_status(status, STATUS_SUCCESS);
	assert_true(a.flags & NETLOGON_AES && a.flags & NETLOGON_STRONG_KEYS);
	netlogon_credential(k.key, k.server, expected);
	assert_memory_equal(a.credential, expected, sizeof expected);
}

static struct netlogon_seal
fourth_message(void)
{
	struct recorded k = recorded_key();
	struct netlogon_seal s;

	netlogon_seal_init(&s, k.key);
	s.number = 3;
	return s;
}

static void
a_recorded_seal_opens_and_holds_an_answer(void **state)
{
	uint8_t body[1024], token[64];
	struct span b	       = vector_load("netlogon/sealed_body.hex", body, sizeof body);
	struct span t	       = vector_load("netlogon/sealed_token.hex", token, sizeof token);
	struct netlogon_seal s = fourth_message();
	struct wr w	       = wr_init(sids_room, sizeof sids_room);
	struct sam_info info;
	nt status;

	(void)state;
	assert_int_equal(t.n, NETLOGON_TOKEN_SIZE);
	assert_status(netlogon_unseal(&s, body, b.n, t), STATUS_SUCCESS);
	assert_int_equal(s.number, 4);
	assert_status(netlogon_logon_ex_decode(SPAN(body, b.n), &info, &w, &status),
		      STATUS_SUCCESS);
	assert_status(status, STATUS_SUCCESS);
	assert_string_equal(info.user, "bob");
}

/* Every byte of the token that means something, some of the body; and a message out of order. */
static void
a_changed_or_repeated_seal_does_not_open(void **state)
{
	uint8_t body[1024], copy[1024], token[64];
	struct span b = vector_load("netlogon/sealed_body.hex", body, sizeof body);
	struct span t = vector_load("netlogon/sealed_token.hex", token, sizeof token);
	struct netlogon_seal s;

	(void)state;
	for (size_t i = 0; i < 32; i++) {
		if (i == 6 || i == 7)
			continue; /* Flags */
		s = fourth_message();
		memcpy(copy, body, b.n);
		token[i] ^= 0x40;
		assert_status(netlogon_unseal(&s, copy, b.n, t), STATUS_DATA_ERROR);
		token[i] ^= 0x40;
	}
	for (size_t i = 0; i < b.n; i += 37) {
		s = fourth_message();
		memcpy(copy, body, b.n);
		copy[i] ^= 1;
		assert_status(netlogon_unseal(&s, copy, b.n, t), STATUS_DATA_ERROR);
	}
	for (uint64_t n = 0; n < 6; n++) {
		s	 = fourth_message();
		s.number = n;
		memcpy(copy, body, b.n);
		assert_status(netlogon_unseal(&s, copy, b.n, t),
			      n == 3 ? STATUS_SUCCESS : STATUS_DATA_ERROR);
	}
	for (size_t n = 0; n < 32; n++) {
		s = fourth_message();
		memcpy(copy, body, b.n);
		assert_status(netlogon_unseal(&s, copy, b.n, SPAN(token, n)), STATUS_DATA_ERROR);
	}
}

static void
both_sides_count_what_goes_either_way(void **state)
{
	struct recorded k = recorded_key();
	struct netlogon_seal us, them;
	uint8_t body[40], token[NETLOGON_TOKEN_SIZE];

	(void)state;
	netlogon_seal_init(&us, k.key);
	netlogon_seal_init(&them, k.key);
	them.server = true;
	for (int i = 0; i < 3; i++) {
		memset(body, i, sizeof body);
		assert_status(netlogon_seal(&us, body, sizeof body, token), STATUS_SUCCESS);
		assert_status(netlogon_unseal(&us, body, sizeof body, SPAN(token, sizeof token)),
			      STATUS_DATA_ERROR); /* our own, thrown back at us */
		assert_status(netlogon_unseal(&them, body, sizeof body, SPAN(token, sizeof token)),
			      STATUS_SUCCESS);
		assert_int_equal(body[39], i);
		assert_status(netlogon_seal(&them, body, sizeof body, token), STATUS_SUCCESS);
		assert_status(netlogon_unseal(&us, body, sizeof body, SPAN(token, sizeof token)),
			      STATUS_SUCCESS);
	}
}

static nt
logon_decode(struct span stub, struct sam_info *info, struct wr *sids, nt *status)
{
	*sids = wr_init(sids_room, sizeof sids_room);
	return netlogon_logon_ex_decode(stub, info, sids, status);
}

static void
a_recorded_answer_says_who_it_is(void **state)
{
	uint8_t buf[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", buf, sizeof buf);
	char text[SID_TEXT_MAX];
	struct sam_info info;
	struct sid sid;
	struct wr sids;
	struct rd r;
	nt status;

	(void)state;
	assert_status(logon_decode(stub, &info, &sids, &status), STATUS_SUCCESS);
	assert_status(status, STATUS_SUCCESS);
	assert_string_equal(info.user, "bob");
	assert_string_equal(info.domain, "ADTEST");
	assert_string_equal(sid_print(&info.user_sid, text),
			    "S-1-5-21-3645342789-3081558701-3442317619-1103");
	assert_int_equal(info.key[0], 0x6b);
	assert_int_equal(info.key[15], 0x8e);
	r = rd_init(wr_done(&sids));
	rd_sid(&r, &sid);
	assert_int_equal(sid.subs[4], 513);
	rd_sid(&r, &sid);
	rd_sid(&r, &sid);
	assert_int_equal(sid.subs[4], 1104);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
}

/* UserId 0 says that the SID stands among the extra ones; "the domain's RID 0" is nobody. */
static void
an_answer_without_a_rid_is_refused(void **state)
{
	static const uint8_t rids[8] = { 0x4f, 0x04, 0, 0, 0x01, 0x02, 0, 0 }; /* 1103, 513 */
	uint8_t buf[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", buf, sizeof buf);
	uint8_t *at	 = memmem(buf, stub.n, rids, sizeof rids);
	struct sam_info info;
	struct wr sids;
	nt status;

	(void)state;
	assert_non_null(at);
	at[0] = at[1] = 0;
	assert_status(logon_decode(stub, &info, &sids, &status), STATUS_INVALID_PARAMETER);
}

static void
an_answer_that_ends_early_is_refused(void **state)
{
	uint8_t buf[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", buf, sizeof buf);
	struct sam_info info;
	struct wr sids;
	nt status;

	(void)state;
	for (size_t n = 0; n < stub.n; n++) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, buf, n);
		assert_status(logon_decode(SPAN(cut, n), &info, &sids, &status),
			      STATUS_INVALID_PARAMETER);
		free(cut);
	}
}

/* No outcome is asked for: that nothing is read that was not sent is ASan's to see. */
static void
changed_bytes_are_survived(void **state)
{
	uint8_t buf[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", buf, sizeof buf);
	uint8_t *copy	 = malloc(stub.n);
	struct sam_info info;
	struct wr sids;
	nt status;

	(void)state;
	for (size_t i = 0; i < stub.n; i++) {
		for (unsigned v = 1; v < 256; v = v * 3 + 1) {
			memcpy(copy, buf, stub.n);
			copy[i] ^= (uint8_t)v;
			if (nt_ok(logon_decode(SPAN(copy, stub.n), &info, &sids, &status)))
				assert_true(nt_failed(status) ||
					    memchr(info.user, 0, sizeof info.user));
		}
	}
	free(copy);
}

/* Where a lie stands in the recorded answer, and what it says. */
static void
lies_are_refused(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		uint32_t value;
	} lies[] = {
		{ "another validation level", 0, 3 },
		{ "success about nobody", 4, 0 },
		{ "a user name longer than its room", 56, 0x0006000a },
		{ "a user name of an odd length", 56, 0x00060005 },
		{ "more groups than there are", 116, 0x10000000 },
		{ "more groups than we take", 116, 1025 },
		{ "groups that are not there", 116, 3 },
		{ "no domain", 160, 0 },
		{ "extra SIDs that are not there", 204, 1 },
	};
	uint8_t buf[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", buf, sizeof buf);
	struct sam_info info;
	struct wr sids;
	nt status;

	(void)state;
	for (size_t i = 0; i < NELEM(lies); i++) {
		uint8_t copy[1024];
		struct wr w = wr_init(copy, sizeof copy);

		wr_span(&w, stub);
		wr_patch32(&w, lies[i].at, lies[i].value);
		if (nt_ok(logon_decode(SPAN(copy, stub.n), &info, &sids, &status)) && nt_ok(status))
			fail_msg("taken: %s", lies[i].what);
	}
}

static void
a_refusal_has_its_status_and_no_user(void **state)
{
	uint8_t buf[64];
	struct span stub     = vector_load("netlogon/logon_ex_wrong.hex", buf, sizeof buf);
	struct sam_info info = { .user = "untouched" };
	struct wr sids;
	nt status;

	(void)state;
	assert_status(logon_decode(stub, &info, &sids, &status), STATUS_SUCCESS);
	assert_status(status, STATUS_WRONG_PASSWORD);
	assert_string_equal(info.user, "untouched");
	assert_int_equal(sids.pos, 0);
}

static void
the_mapper_names_a_port(void **state)
{
	uint8_t buf[256];
	struct span stub = vector_load("netlogon/ept_map.hex", buf, sizeof buf);
	uint16_t port	 = 0;

	(void)state;
	assert_status(epm_map_decode(stub, &port), STATUS_SUCCESS);
	assert_int_equal(port, 49152);
	for (size_t n = 0; n < stub.n; n++) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, buf, n);
		assert_status(epm_map_decode(SPAN(cut, n), &port), STATUS_INVALID_PARAMETER);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenges_and_password_make_the_recorded_key),
		cmocka_unit_test(the_controller_proves_itself_under_that_key),
		cmocka_unit_test(a_recorded_seal_opens_and_holds_an_answer),
		cmocka_unit_test(a_changed_or_repeated_seal_does_not_open),
		cmocka_unit_test(both_sides_count_what_goes_either_way),
		cmocka_unit_test(a_recorded_answer_says_who_it_is),
		cmocka_unit_test(an_answer_without_a_rid_is_refused),
		cmocka_unit_test(an_answer_that_ends_early_is_refused),
		cmocka_unit_test(changed_bytes_are_survived),
		cmocka_unit_test(lies_are_refused),
		cmocka_unit_test(a_refusal_has_its_status_and_no_user),
		cmocka_unit_test(the_mapper_names_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
