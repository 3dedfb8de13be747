/*
 * test_ntlm_client.c - the initiator's NTLM: the specification's example, what
 * a server's verifier says of our answers, and challenges that get none.
 * [MS-NLMP] 3.1.5.1.2, 4.2.4
 */
#include "tests/unit/check.h"

#include "base/utf16.h"
#include "proto/auth/ntlm_client.h"
#include "proto/auth/spnego.h"

#define STAMP 0x01d9a1b2c3d4e5f6u

struct talk {
	struct ntlm_client c;
	uint8_t hash[16], negotiate[NTLM_NEGOTIATE_ROOM], info[4096], challenge[8192];
	uint8_t message[NTLM_AUTHENTICATE_ROOM];
	struct ntlm_client_keys keys;
	struct ntlm_authenticate auth;
	struct span raw;
};

static struct span
hex(const char *text, uint8_t *dst, size_t cap)
{
	return SPAN(dst, hex_parse(text, dst, cap));
}

static struct span
info_make(struct talk *t, bool stamp)
{
	struct wr w = wr_init(t->info, sizeof t->info), v;
	uint8_t value[8];

	v = wr_init(value, sizeof value);
	wr_u64(&v, STAMP);
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "Domain");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "Server");
	if (stamp)
		wr_ntlm_av(&w, NTLM_AV_TIMESTAMP, wr_done(&v));
	wr_ntlm_av_end(&w);
	return wr_done(&w);
}

/* A server that agrees to everything, as in 4.2.4. */
static void
talk_init(struct talk *t, const char *password, bool stamp)
{
	static const uint8_t nonce[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	struct wr n		     = wr_init(t->negotiate, sizeof t->negotiate);

	memset(t, 0, sizeof *t);
	assert_status(ntlm_hash(password, t->hash), STATUS_SUCCESS);
	ntlm_client_negotiate(&n);
	assert_true(wr_ok(&n));
	t->c = (struct ntlm_client){
		.hash	     = t->hash,
		.user	     = "User",
		.domain	     = "Domain",
		.workstation = "COMPUTER",
		.target	     = "",
		.flags	     = 0xe28a8233,
		.target_info = info_make(t, stamp),
		.negotiate   = wr_done(&n),
	};
	memcpy(t->c.server_challenge, nonce, sizeof nonce);
	memset(t->c.client_challenge, 0xaa, sizeof t->c.client_challenge);
	memset(t->c.random_key, 0x55, sizeof t->c.random_key);
}

static nt
talk_answer(struct talk *t)
{
	struct ntlm_challenge ch = { .flags = t->c.flags, .target_info = t->c.target_info };
	struct wr c		 = wr_init(t->challenge, sizeof t->challenge);
	struct wr w		 = wr_init(t->message, sizeof t->message);

	memcpy(ch.server_challenge, t->c.server_challenge, sizeof ch.server_challenge);
	ntlm_challenge_encode(&c, &ch);
	t->c.challenge = wr_done(&c);
	TRY(ntlm_client_answer(&t->c, &w, &t->keys));
	t->raw = wr_done(&w);
	assert_status(ntlm_authenticate_decode(t->raw, &t->auth), STATUS_SUCCESS);
	return STATUS_SUCCESS;
}

/* What a server with that password says; its view of the session key. */
static nt
server_verify(struct talk *t, const char *password, uint8_t key[16])
{
	uint8_t hash[16], base[16];
	const struct ntlm_v2_check check = {
		.hash		  = hash,
		.server_challenge = t->c.server_challenge,
		.user		  = t->auth.user,
		.domain		  = t->auth.domain,
		.nt_response	  = t->auth.nt_response,
	};

	assert_status(ntlm_hash(password, hash), STATUS_SUCCESS);
	TRY(ntlm_v2_verify(&check, base));
	return ntlm_exported_key(t->auth.flags, base, t->auth.session_key, key);
}

static void
negotiate_asks_for_what_smb_needs(void **state)
{
	uint8_t buf[NTLM_NEGOTIATE_ROOM];
	struct wr w = wr_init(buf, sizeof buf);
	struct ntlm_negotiate n;

	(void)state;
	ntlm_client_negotiate(&w);
	assert_status(ntlm_negotiate_decode(wr_done(&w), &n), STATUS_SUCCESS);
	assert_int_equal(n.flags, NTLM_CLIENT_FLAGS);
	assert_true(n.flags & NTLM_KEY_EXCH && n.flags & NTLM_128 && !(n.flags & NTLM_LM_KEY));
	assert_int_equal(n.domain.n + n.workstation.n, 0);
}

/* 4.2.4.1.3, 4.2.4.2.1, 4.2.4.2.3; our LM response is zeroes instead of LMv2. */
static void
example_of_the_specification_is_met(void **state)
{
	struct talk t;
	uint8_t want[256];

	(void)state;
	talk_init(&t, "Password", false);
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_span(t.auth.nt_response,
		    hex("68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000"
			"aaaaaaaaaaaaaaaa 00000000 02000c0044006f006d00610069006e00"
			"01000c005300650072007600650072 00 00000000 00000000",
			want, sizeof want)
			.p,
		    t.auth.nt_response.n);
	assert_span(t.auth.session_key, hex("c5dad2544fc9799094ce1ce90bc9d03e", want, 64).p, 16);
	assert_memory_equal(t.keys.exported, t.c.random_key, 16);
	assert_false(t.auth.has_mic);
}

static void
answer_verifies_and_its_key_is_the_servers(void **state)
{
	uint8_t key[16], mic[16];
	struct ntlm_v2_response v2;
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.target = "cifs/server";
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_status(server_verify(&t, "Password", key), STATUS_SUCCESS);
	assert_memory_equal(key, t.keys.exported, 16);
	assert_status(server_verify(&t, "password", key), STATUS_WRONG_PASSWORD);
	assert_true(t.auth.has_mic);
	assert_status(ntlm_mic(t.keys.exported, t.c.negotiate, t.c.challenge, t.raw, mic),
		      STATUS_SUCCESS);
	assert_memory_equal(mic, t.auth.mic, 16);
	assert_status(ntlm_v2_response_decode(t.auth.nt_response, &v2), STATUS_SUCCESS);
	assert_int_equal(v2.timestamp, STAMP);
	assert_true(v2.av_flags & NTLM_AV_FLAG_MIC);
	assert_true(ntlm_av_returned(t.c.target_info, v2.av));
}

static void
target_is_named_in_the_proof(void **state)
{
	static const uint8_t none[16];
	struct ntlm_v2_response v2;
	struct span v;
	uint8_t want[64];
	struct wr w = wr_init(want, sizeof want);
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.target = "cifs/server";
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_status(ntlm_v2_response_decode(t.auth.nt_response, &v2), STATUS_SUCCESS);
	(void)wr_utf16(&w, "cifs/server");
	assert_true(ntlm_av_find(v2.av, NTLM_AV_TARGET_NAME, &v));
	assert_span(v, want, w.pos);
	assert_true(ntlm_av_find(v2.av, NTLM_AV_CHANNEL_BINDINGS, &v));
	assert_span(v, none, 16);
}

/* A server cannot choose what we say about ourselves. */
static void
pairs_of_ours_are_not_taken_from_the_server(void **state)
{
	struct ntlm_v2_response v2;
	struct span v;
	struct talk t;
	uint8_t want[64];
	struct wr x = wr_init(want, sizeof want);
	struct wr w;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.target = "cifs/server";
	w	   = wr_init(t.info, sizeof t.info);
	wr_ntlm_av_utf16(&w, NTLM_AV_TARGET_NAME, "cifs/other");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "Domain");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "Server");
	wr_ntlm_av_end(&w);
	t.c.target_info = wr_done(&w);
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_status(ntlm_v2_response_decode(t.auth.nt_response, &v2), STATUS_SUCCESS);
	assert_true(ntlm_av_find(v2.av, NTLM_AV_TARGET_NAME, &v));
	(void)wr_utf16(&x, "cifs/server");
	assert_span(v, want, x.pos);
}

static void
key_without_exchange_is_the_base_key(void **state)
{
	uint8_t key[16], want[16];
	struct talk t;

	(void)state;
	talk_init(&t, "Password", false);
	t.c.flags &= ~NTLM_KEY_EXCH;
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_int_equal(t.auth.session_key.n, 0);
	assert_status(server_verify(&t, "Password", key), STATUS_SUCCESS);
	assert_memory_equal(key, t.keys.exported, 16);
	assert_span(hex("8de40ccadbc14a82f15cb0ad0de95ca3", want, 16), key, 16);
}

static void
flags_never_grow_beyond_our_offer(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.flags = UINT32_MAX;
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_int_equal(t.auth.flags, NTLM_CLIENT_FLAGS);
	assert_int_equal(t.keys.flags, NTLM_CLIENT_FLAGS);
}

static void
anonymous_proves_nothing(void **state)
{
	uint8_t key[16];
	static const uint8_t base[16];
	struct talk t;

	(void)state;
	talk_init(&t, "", true);
	t.c.hash	= NULL;
	t.c.target_info = SPAN_NONE;
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	assert_int_equal(t.auth.user.n + t.auth.domain.n + t.auth.nt_response.n, 0);
	assert_span(t.auth.lm_response, base, 1);
	assert_true(t.auth.flags & NTLM_ANONYMOUS);
	assert_status(ntlm_exported_key(t.auth.flags, base, t.auth.session_key, key),
		      STATUS_SUCCESS);
	assert_memory_equal(key, t.keys.exported, 16);
}

static void
challenge_without_names_gets_no_proof(void **state)
{
	static const uint8_t eol[4];
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.target_info = SPAN(eol, sizeof eol);
	assert_status(talk_answer(&t), STATUS_INVALID_NETWORK_RESPONSE);
	t.c.target_info = SPAN_NONE;
	assert_status(talk_answer(&t), STATUS_INVALID_NETWORK_RESPONSE);
}

static void
challenge_without_session_security_gets_no_proof(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	t.c.flags &= ~NTLM_EXTENDED_SESSIONSECURITY;
	assert_status(talk_answer(&t), STATUS_INVALID_NETWORK_RESPONSE);
	t.c.flags = NTLM_CLIENT_FLAGS & ~NTLM_UNICODE;
	assert_status(talk_answer(&t), STATUS_INVALID_NETWORK_RESPONSE);
}

static struct talk *attacked;

static void
answer_decides(struct span info)
{
	struct wr w = wr_init(attacked->message, sizeof attacked->message);

	attacked->c.target_info = info;
	check_decided(ntlm_client_answer(&attacked->c, &w, &attacked->keys));
}

static void
broken_target_information_is_survived(void **state)
{
	static uint8_t copy[256];
	struct talk t;
	struct span info;

	(void)state;
	talk_init(&t, "Password", true);
	info = t.c.target_info;
	memcpy(copy, info.p, info.n);
	attacked = &t;
	check_cuts(SPAN(copy, info.n), answer_decides);
	check_mutations(SPAN(copy, info.n), answer_decides);
}

static void
largest_target_information_fits(void **state)
{
	static uint8_t pad[2048];
	struct talk t;
	struct wr w;

	(void)state;
	talk_init(&t, "Password", true);
	w = wr_init(t.info, sizeof t.info);
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "Domain");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "Server");
	wr_ntlm_av(&w, NTLM_AV_DNS_TREE, SPAN(pad, sizeof pad));
	wr_ntlm_av(&w, NTLM_AV_DNS_TREE, SPAN(pad, sizeof t.info - w.pos - 8));
	wr_ntlm_av_end(&w);
	assert_true(wr_ok(&w) && w.pos == sizeof t.info);
	t.c.target_info = wr_done(&w);
	assert_status(talk_answer(&t), STATUS_SUCCESS);
}

static void
signatures_of_the_two_sides_differ_and_fit(void **state)
{
	static const enum spnego_mech mech = SPNEGO_MECH_NTLMSSP;
	uint8_t list[64], mic[16], server[16];
	struct wr w = wr_init(list, sizeof list);
	struct talk t;

	(void)state;
	talk_init(&t, "Password", true);
	assert_status(talk_answer(&t), STATUS_SUCCESS);
	spnego_mech_list_encode(&w, &mech, 1);
	ntlm_client_sign(&t.keys, wr_done(&w), mic);
	ntlm_signature(t.keys.flags, t.keys.exported, NTLM_SERVER, 0, wr_done(&w), server);
	assert_memory_not_equal(mic, server, 16);
	assert_true(ntlm_client_check(&t.keys, wr_done(&w), SPAN(server, 16)));
	assert_false(ntlm_client_check(&t.keys, wr_done(&w), SPAN(mic, 16)));
	assert_false(ntlm_client_check(&t.keys, wr_done(&w), SPAN(server, 15)));
	list[w.pos - 1] ^= 1;
	assert_false(ntlm_client_check(&t.keys, wr_done(&w), SPAN(server, 16)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negotiate_asks_for_what_smb_needs),
		cmocka_unit_test(example_of_the_specification_is_met),
		cmocka_unit_test(answer_verifies_and_its_key_is_the_servers),
		cmocka_unit_test(target_is_named_in_the_proof),
		cmocka_unit_test(pairs_of_ours_are_not_taken_from_the_server),
		cmocka_unit_test(key_without_exchange_is_the_base_key),
		cmocka_unit_test(flags_never_grow_beyond_our_offer),
		cmocka_unit_test(anonymous_proves_nothing),
		cmocka_unit_test(challenge_without_names_gets_no_proof),
		cmocka_unit_test(challenge_without_session_security_gets_no_proof),
		cmocka_unit_test(broken_target_information_is_survived),
		cmocka_unit_test(largest_target_information_fits),
		cmocka_unit_test(signatures_of_the_two_sides_differ_and_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
