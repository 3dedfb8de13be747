/*
 * test_auth_ntlm.c - NTLM messages, proofs and signatures: the specification's
 * example, a recorded logon recomputed, hostile messages refused.
 * [MS-NLMP] 2.2, 3.3.2, 4.2.4
 */
#include "tests/unit/check.h"

#include "base/utf16.h"
#include "proto/auth/md4.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/rc4.h"
#include "proto/auth/spnego.h"

#define PASSWORD "Ntlm-pw-1" /* of the recorded logon */

/* A recorded logon: the three NTLM messages, decoded, and the MIC tokens. */
struct logon {
	uint8_t buf[4][2048];
	struct spnego_init init;
	struct spnego_resp challenge_token, authenticate_token, done;
	struct ntlm_challenge challenge;
	struct ntlm_authenticate auth;
};

static struct logon *
logon_load(void)
{
	static struct logon l;

	assert_status(
	    spnego_init_decode(vector_load("auth/ntlm_init.hex", l.buf[0], 2048), &l.init),
	    STATUS_SUCCESS);
	assert_status(spnego_resp_decode(vector_load("auth/ntlm_challenge.hex", l.buf[1], 2048),
					 &l.challenge_token),
		      STATUS_SUCCESS);
	assert_status(spnego_resp_decode(vector_load("auth/ntlm_authenticate.hex", l.buf[2], 2048),
					 &l.authenticate_token),
		      STATUS_SUCCESS);
	assert_status(
	    spnego_resp_decode(vector_load("auth/ntlm_done.hex", l.buf[3], 2048), &l.done),
	    STATUS_SUCCESS);
	assert_status(ntlm_challenge_decode(l.challenge_token.token, &l.challenge), STATUS_SUCCESS);
	assert_status(ntlm_authenticate_decode(l.authenticate_token.token, &l.auth),
		      STATUS_SUCCESS);
	return &l;
}

static struct span
hex(const char *text, uint8_t *dst, size_t cap)
{
	return SPAN(dst, hex_parse(text, dst, cap));
}

static struct span
utf16(const char *s, uint8_t buf[128])
{
	struct wr w = wr_init(buf, 128);

	(void)wr_utf16(&w, s);
	return wr_done(&w);
}

static void
md4_gives_the_answers_of_rfc1320(void **state)
{
	static const struct {
		const char *msg, *sum;
	} rows[] = {
		{ "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
		{ "a", "bde52cb31de33e46245e05fbdbd6fb24" },
		{ "message digest", "d9130a8164549fe818874806e1c7014b" },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890123456789"
		  "0",
		  "e33b4ddc9c38f2199c3e7b164fcc0536" },
	};
	uint8_t sum[16], want[16];

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		md4(SPAN_STR(rows[i].msg), sum);
		(void)hex(rows[i].sum, want, sizeof want);
		assert_memory_equal(sum, want, 16);
	}
}

static void
rc4_gives_the_known_answer(void **state)
{
	static const uint8_t want[] = { 0xbb, 0xf3, 0x16, 0xe8, 0xd9, 0x40, 0xaf, 0x0a, 0xd3 };
	uint8_t out[9];
	struct rc4 c;

	(void)state;
	rc4_init(&c, SPAN_STR("Key"));
	rc4_apply(&c, (const uint8_t *)"Plaintext", out, sizeof out);
	assert_memory_equal(out, want, sizeof out);
}

/* 4.2.4: User, Domain, Password, time 0, client challenge aa…, server 0123456789abcdef. */
static void
example_of_the_specification_is_met(void **state)
{
	static const uint8_t server_challenge[] = {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef
	};
	uint8_t hash[16], owf[16], proof[16], base[16], want[64], ub[128], db[128], blob[256];
	uint8_t av[128], client_challenge[8], random_key[16], wrapped[16], key[16];
	struct wr w;

	(void)state;
	assert_status(ntlm_hash("Password", hash), STATUS_SUCCESS);
	assert_span(hex("a4f49c406510bdcab6824ee7c30fd852", want, 64), hash, 16);
	assert_status(ntlm_owf_v2(hash, utf16("User", ub), utf16("Domain", db), owf),
		      STATUS_SUCCESS);
	assert_span(hex("0c868a403bfd7a93a3001ef22ef02e3f", want, 64), owf, 16);

	w = wr_init(av, sizeof av);
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "Domain");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "Server");
	wr_ntlm_av_end(&w);
	memset(client_challenge, 0xaa, sizeof client_challenge);
	struct wr b = wr_init(blob, sizeof blob);
	ntlm_v2_blob_encode(&b, 0, client_challenge, wr_done(&w));
	ntlm_proof_v2(owf, server_challenge, wr_done(&b), proof);
	assert_span(hex("68cd0ab851e51c96aabc927bebef6a1c", want, 64), proof, 16);
	ntlm_session_base_key(owf, proof, base);
	assert_span(hex("8de40ccadbc14a82f15cb0ad0de95ca3", want, 64), base, 16);

	memset(random_key, 0x55, sizeof random_key);
	ntlm_key_wrap(base, random_key, wrapped);
	assert_span(hex("c5dad2544fc9799094ce1ce90bc9d03e", want, 64), wrapped, 16);
	assert_status(ntlm_exported_key(NTLM_KEY_EXCH | NTLM_SIGN, base, SPAN(wrapped, 16), key),
		      STATUS_SUCCESS);
	assert_memory_equal(key, random_key, 16);
}

static nt
logon_verify(const struct logon *l, const char *password, uint8_t base[16])
{
	uint8_t hash[16];
	struct ntlm_v2_check c = { .hash	     = hash,
				   .server_challenge = l->challenge.server_challenge,
				   .user	     = l->auth.user,
				   .domain	     = l->auth.domain,
				   .nt_response	     = l->auth.nt_response };

	assert_status(ntlm_hash(password, hash), STATUS_SUCCESS);
	return ntlm_v2_verify(&c, base);
}

static void
recorded_logon_verifies_to_the_last_mic(void **state)
{
	struct logon *l = logon_load();
	uint8_t base[16], key[16], mic[16];

	(void)state;
	assert_status(logon_verify(l, PASSWORD, base), STATUS_SUCCESS);
	assert_status(ntlm_exported_key(l->auth.flags, base, l->auth.session_key, key),
		      STATUS_SUCCESS);
	assert_true(l->auth.has_mic);
	assert_status(ntlm_mic(key, l->init.token, l->challenge_token.token,
			       l->authenticate_token.token, mic),
		      STATUS_SUCCESS);
	assert_memory_equal(mic, l->auth.mic, 16);
	ntlm_signature(l->auth.flags, key, NTLM_CLIENT, 0, l->init.mech_list, mic);
	assert_span(l->authenticate_token.mic, mic, 16);
	ntlm_signature(l->auth.flags, key, NTLM_SERVER, 0, l->init.mech_list, mic);
	assert_span(l->done.mic, mic, 16);
}

static void
wrong_password_is_refused_and_gives_no_key(void **state)
{
	struct logon *l	 = logon_load();
	uint8_t base[16] = { 0 };
	uint8_t zero[16] = { 0 };

	(void)state;
	assert_status(logon_verify(l, "Ntlm-pw-2", base), STATUS_WRONG_PASSWORD);
	assert_memory_equal(base, zero, 16);
}

static void
verify_refuses_an_ntlmv1_response(void **state)
{
	struct logon *l = logon_load();
	struct logon v1 = *l;
	uint8_t base[16];

	(void)state;
	v1.auth.nt_response.n = 24;
	assert_status(logon_verify(&v1, PASSWORD, base), STATUS_INVALID_PARAMETER);
}

static void
exported_key_demands_sixteen_wrapped_bytes(void **state)
{
	uint8_t base[16] = { 1 };
	uint8_t key[16];

	(void)state;
	assert_status(ntlm_exported_key(NTLM_KEY_EXCH | NTLM_SIGN, base, SPAN(base, 15), key),
		      STATUS_INVALID_PARAMETER);
	assert_status(ntlm_exported_key(NTLM_SIGN, base, SPAN_NONE, key), STATUS_SUCCESS);
	assert_memory_equal(key, base, 16);
}

static void
messages_round_trip(void **state)
{
	struct logon *l = logon_load();
	struct ntlm_negotiate n;
	struct ntlm_challenge c;
	struct ntlm_authenticate a;
	uint8_t out[2048];
	struct wr w = wr_init(out, sizeof out);

	(void)state;
	assert_status(ntlm_negotiate_decode(l->init.token, &n), STATUS_SUCCESS);
	ntlm_negotiate_encode(&w, &n);
	assert_span(wr_done(&w), l->init.token.p, l->init.token.n);
	w = wr_init(out, sizeof out);
	ntlm_challenge_encode(&w, &l->challenge);
	assert_status(ntlm_challenge_decode(wr_done(&w), &c), STATUS_SUCCESS);
	assert_true(span_eq(c.target_info, l->challenge.target_info));
	assert_true(span_eq(c.target_name, l->challenge.target_name));
	w = wr_init(out, sizeof out);
	ntlm_authenticate_encode(&w, &l->auth);
	assert_status(ntlm_authenticate_decode(wr_done(&w), &a), STATUS_SUCCESS);
	assert_true(span_eq(a.nt_response, l->auth.nt_response));
	assert_true(span_eq(a.user, l->auth.user));
	assert_true(span_eq(a.session_key, l->auth.session_key));
	assert_memory_equal(a.mic, l->auth.mic, 16);
}

static void
negotiate_of_sixteen_bytes_is_accepted(void **state)
{
	struct ntlm_negotiate c;

	(void)state;
	assert_status(ntlm_negotiate_decode(SPAN("NTLMSSP\0\1\0\0\0\2\2\0\0", 16), &c),
		      STATUS_SUCCESS);
	assert_int_equal(c.flags, 0x202);
	assert_false(c.has_version);
}

/* A client without version and MIC: the payload begins at 64. */
static void
authenticate_without_mic_is_seen_as_such(void **state)
{
	struct logon *l		   = logon_load();
	struct ntlm_authenticate a = l->auth;
	uint8_t out[2048];
	struct wr w = wr_init(out, sizeof out);

	(void)state;
	a.has_mic     = false;
	a.has_version = false;
	ntlm_authenticate_encode(&w, &a);
	assert_status(ntlm_authenticate_decode(wr_done(&w), &a), STATUS_SUCCESS);
	assert_false(a.has_mic);
	assert_false(a.has_version);
	assert_true(span_eq(a.user, l->auth.user));
}

static void
authenticate_refuses_user_inside_header(void **state)
{
	struct logon *l = logon_load();
	uint8_t copy[2048];
	struct ntlm_authenticate a;

	(void)state;
	memcpy(copy, l->authenticate_token.token.p, l->authenticate_token.token.n);
	copy[40] = 16; /* UserName's offset */
	copy[41] = 0;
	assert_status(ntlm_authenticate_decode(SPAN(copy, l->authenticate_token.token.n), &a),
		      STATUS_INVALID_PARAMETER);
}

static void
av_pairs_of_the_challenge_come_back(void **state)
{
	struct logon *l = logon_load();
	struct ntlm_v2_response v;
	uint8_t changed[512];

	(void)state;
	assert_status(ntlm_v2_response_decode(l->auth.nt_response, &v), STATUS_SUCCESS);
	assert_true(v.av_flags & NTLM_AV_FLAG_MIC);
	assert_true(ntlm_av_returned(l->challenge.target_info, v.av));
	memcpy(changed, l->challenge.target_info.p, l->challenge.target_info.n);
	changed[4] ^= 1;
	assert_false(ntlm_av_returned(SPAN(changed, l->challenge.target_info.n), v.av));
}

static void
av_list_without_end_is_refused(void **state)
{
	(void)state;
	assert_true(ntlm_av_check(SPAN("\0\0\0\0", 4)));
	assert_false(ntlm_av_check(SPAN_NONE));
	assert_false(ntlm_av_check(SPAN("\2\0\2\0A\0", 6)));
	assert_false(ntlm_av_check(SPAN("\2\0\xff\xff\0\0\0\0", 8)));
	assert_false(ntlm_av_check(SPAN("\6\0\3\0abc\0\0\0\0", 11)));
	assert_false(ntlm_av_check(SPAN("\0\0\1\0x", 5)));
}

static void
owf_upcases_the_user_but_not_the_domain(void **state)
{
	uint8_t hash[16] = { 7 };
	uint8_t a[16], b[16], x[128], y[128];

	(void)state;
	assert_status(ntlm_owf_v2(hash, utf16("üser", x), utf16("D", y), a), STATUS_SUCCESS);
	assert_status(ntlm_owf_v2(hash, utf16("ÜSER", x), utf16("D", y), b), STATUS_SUCCESS);
	assert_memory_equal(a, b, 16);
	assert_status(ntlm_owf_v2(hash, utf16("ÜSER", x), utf16("d", y), b), STATUS_SUCCESS);
	assert_memory_not_equal(a, b, 16);
	assert_status(ntlm_owf_v2(hash, SPAN("abc", 3), SPAN_NONE, a), STATUS_INVALID_PARAMETER);
}

static void
try_all(struct span s)
{
	struct ntlm_negotiate n;
	struct ntlm_challenge c;
	struct ntlm_authenticate a;
	struct ntlm_v2_response v;
	uint8_t mic[16];
	uint8_t key[16] = { 0 };

	check_decided(ntlm_negotiate_decode(s, &n));
	check_decided(ntlm_challenge_decode(s, &c));
	if (nt_ok(ntlm_authenticate_decode(s, &a)) && a.has_mic)
		assert_status(ntlm_mic(key, s, s, s, mic), STATUS_SUCCESS);
	check_decided(ntlm_v2_response_decode(s, &v));
}

static void
messages_survive_cuts_and_mutations(void **state)
{
	struct logon *l	   = logon_load();
	struct span all[4] = { l->init.token, l->challenge_token.token, l->authenticate_token.token,
			       l->auth.nt_response };

	(void)state;
	for (size_t i = 0; i < NELEM(all); i++) {
		check_cuts(all[i], try_all);
		check_mutations(all[i], try_all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md4_gives_the_answers_of_rfc1320),
		cmocka_unit_test(rc4_gives_the_known_answer),
		cmocka_unit_test(example_of_the_specification_is_met),
		cmocka_unit_test(recorded_logon_verifies_to_the_last_mic),
		cmocka_unit_test(wrong_password_is_refused_and_gives_no_key),
		cmocka_unit_test(verify_refuses_an_ntlmv1_response),
		cmocka_unit_test(exported_key_demands_sixteen_wrapped_bytes),
		cmocka_unit_test(messages_round_trip),
		cmocka_unit_test(negotiate_of_sixteen_bytes_is_accepted),
		cmocka_unit_test(authenticate_without_mic_is_seen_as_such),
		cmocka_unit_test(authenticate_refuses_user_inside_header),
		cmocka_unit_test(av_pairs_of_the_challenge_come_back),
		cmocka_unit_test(av_list_without_end_is_refused),
		cmocka_unit_test(owf_upcases_the_user_but_not_the_domain),
		cmocka_unit_test(messages_survive_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
