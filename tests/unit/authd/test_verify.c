/*
 * test_verify.c - verdicts on NTLM logons: a recorded one, self-made ones, and
 * everything that must be refused.  [MS-NLMP] 3.2.5.1.2
 */
#include "tests/unit/authd/client.h"

#include "base/utf16.h"

#define NOW  133000000000000000ull
#define HOUR (3600ull * 10000000)

struct scene {
	struct challenge sent;
	uint8_t info[512];
	uint8_t hash[NTLM_KEY_SIZE];
	struct client client;
	struct verdict verdict;
};

static struct scene
scene(void)
{
	struct scene s = { .client = { .user	  = "Alice",
				       .domain	  = "WORKGROUP",
				       .password  = "secret",
				       .flags	  = CLIENT_FLAGS,
				       .timestamp = NOW } };

	memset(s.sent.nonce, 0xc4, sizeof s.sent.nonce);
	s.sent.flags = CLIENT_FLAGS;
	assert_status(ntlm_hash("secret", s.hash), STATUS_SUCCESS);
	return s;
}

static struct span
scene_info(struct scene *s)
{
	struct wr w = wr_init(s->info, sizeof s->info);

	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "WORKGROUP");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "SERVER");
	wr_ntlm_av_end(&w);
	return wr_done(&w);
}

static void
scene_answer(struct scene *s)
{
	s->sent.target_info = scene_info(s);
	client_answer(&s->client, &s->sent);
}

static enum verify_reason
scene_verify(struct scene *s)
{
	verify_ntlm(&s->client.req, &s->sent, s->hash, NOW, &s->verdict);
	return s->verdict.reason;
}

static void
no_key_is_given_away(const struct scene *s)
{
	static const uint8_t zero[NTLM_KEY_SIZE];

	assert_memory_equal(s->verdict.key, zero, sizeof zero);
	assert_false(s->verdict.has_mic);
}

static void
right_password_gives_key_and_mic(void **state)
{
	struct scene s = scene();
	uint8_t want[NTLM_SIGNATURE_SIZE];

	(void)state;
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_OK);
	assert_memory_equal(s.verdict.key, s.client.key, NTLM_KEY_SIZE);
	assert_true(s.verdict.has_mic);
	ntlm_signature(CLIENT_FLAGS, s.client.key, NTLM_SERVER, 0, s.client.req.mech_list, want);
	assert_memory_equal(s.verdict.mic, want, sizeof want);
}

static void
key_is_the_base_key_without_key_exchange(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.flags &= ~NTLM_KEY_EXCH;
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_OK);
	assert_memory_equal(s.verdict.key, s.client.key, NTLM_KEY_SIZE);
}

static void
client_that_proves_without_domain_is_accepted(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.proof_without_domain = true;
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_OK);
}

static void
case_of_the_user_name_does_not_matter(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.user = "\xc3\xa4LICE";
	scene_answer(&s);
	s.client.req.user = str_of("\xc3\x84lice");
	assert_int_equal(scene_verify(&s), VERIFY_OK);
}

static void
wrong_password_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.password = "Secret";
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_WRONG_PROOF);
	no_key_is_given_away(&s);
}

static void
proof_for_another_challenge_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	s.sent.nonce[0] ^= 1;
	assert_int_equal(scene_verify(&s), VERIFY_WRONG_PROOF);
}

static void
short_responses_are_not_ntlmv2(void **state)
{
	static const uint8_t v1[24];

	(void)state;
	for (size_t n = 0; n <= sizeof v1; n++) {
		struct scene s = scene();

		scene_answer(&s);
		s.client.req.nt_response = SPAN(v1, n);
		s.client.req.lm_response = SPAN(v1, sizeof v1);
		assert_int_equal(scene_verify(&s), VERIFY_NOT_NTLMV2);
	}
}

/* smb2.session.ntlmssp_bug14932 sends one. */
static void
response_of_zeroes_is_malformed(void **state)
{
	static const uint8_t zero[46];
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	s.client.req.nt_response = SPAN(zero, sizeof zero);
	assert_int_equal(scene_verify(&s), VERIFY_MALFORMED);
	no_key_is_given_away(&s);
}

static void
changed_target_information_is_refused(void **state)
{
	struct scene s = scene();
	uint8_t other[64];
	struct wr w = wr_init(other, sizeof other);

	(void)state;
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "ELSEWHERE");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "SERVER");
	wr_ntlm_av_end(&w);
	s.client.av = wr_done(&w);
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_PAIRS_CHANGED);
	no_key_is_given_away(&s);
}

static void
clock_may_be_a_day_off_but_not_two(void **state)
{
	static const uint64_t off[] = { NOW - 24 * HOUR, NOW + 24 * HOUR, NOW - 48 * HOUR,
					NOW + 48 * HOUR };

	(void)state;
	for (size_t i = 0; i < NELEM(off); i++) {
		struct scene s = scene();

		s.client.timestamp = off[i];
		scene_answer(&s);
		assert_int_equal(scene_verify(&s), i < 2 ? VERIFY_OK : VERIFY_CLOCK);
	}
}

static void
each_byte_of_the_messages_is_under_the_mic(void **state)
{
	struct scene s	       = scene();
	uint8_t *const parts[] = { s.client.negotiate, s.client.challenge, s.client.authenticate };

	(void)state;
	s = scene();
	scene_answer(&s);
	const size_t sizes[] = { s.client.req.negotiate.n, s.client.req.challenge.n,
				 s.client.req.authenticate.n };
	for (size_t p = 0; p < NELEM(parts); p++) {
		for (size_t i = 0; i < sizes[p]; i++) {
			parts[p][i] ^= 0x10;
			assert_int_equal(scene_verify(&s), VERIFY_WRONG_MIC);
			no_key_is_given_away(&s);
			parts[p][i] ^= 0x10;
		}
	}
	assert_int_equal(scene_verify(&s), VERIFY_OK);
}

static void
announced_mic_that_is_missing_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	s.client.req.mic_at = 0;
	assert_int_equal(scene_verify(&s), VERIFY_NO_MIC);
	s.client.req.mic_at = NTLM_MIC_OFFSET;
	s.client.req.authenticate =
	    SPAN(s.client.authenticate, NTLM_MIC_OFFSET + NTLM_MIC_SIZE - 1);
	assert_int_equal(scene_verify(&s), VERIFY_NO_MIC);
}

static void
client_without_mic_is_accepted(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.no_mic = s.client.no_list_mic = true;
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_OK);
	assert_false(s.verdict.has_mic);
}

static void
client_that_announced_a_mic_gets_ours_even_without_sending_one(void **state)
{
	struct scene s = scene();

	(void)state;
	s.client.no_list_mic = true;
	scene_answer(&s);
	assert_int_equal(scene_verify(&s), VERIFY_OK);
	assert_true(s.verdict.has_mic);
}

static void
raw_ntlmssp_gets_no_list_mic(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	s.client.req.mech_list = SPAN_NONE;
	assert_int_equal(scene_verify(&s), VERIFY_OK);
	assert_false(s.verdict.has_mic);
}

static void
wrong_list_mic_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	for (size_t i = 0; i < sizeof s.client.list_mic; i++) {
		s.client.list_mic[i] ^= 1;
		assert_int_equal(scene_verify(&s), VERIFY_WRONG_LIST_MIC);
		no_key_is_given_away(&s);
		s.client.list_mic[i] ^= 1;
	}
	for (size_t n = 1; n < sizeof s.client.list_mic; n++) {
		s.client.req.client_mic.n = n;
		assert_int_equal(scene_verify(&s), VERIFY_WRONG_LIST_MIC);
	}
}

static void
list_mic_over_another_list_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	s.client.list[s.client.req.mech_list.n - 1] ^= 1;
	assert_int_equal(scene_verify(&s), VERIFY_WRONG_LIST_MIC);
}

static void
session_key_of_the_wrong_size_is_refused(void **state)
{
	struct scene s = scene();

	(void)state;
	scene_answer(&s);
	for (size_t n = 0; n < NTLM_KEY_SIZE; n++) {
		s.client.req.session_key.n = n;
		assert_int_equal(scene_verify(&s), VERIFY_NO_SESSION_KEY);
		no_key_is_given_away(&s);
	}
}

static void
try_response(struct span response)
{
	struct scene s = scene();

	scene_answer(&s);
	s.client.req.nt_response = response;
	assert_int_not_equal(scene_verify(&s), VERIFY_OK);
}

static void
cut_and_mutated_responses_are_refused(void **state)
{
	struct scene s = scene();
	uint8_t copy[1024];
	size_t n;

	(void)state;
	scene_answer(&s);
	n = s.client.req.nt_response.n;
	memcpy(copy, s.client.req.nt_response.p, n);
	check_cuts(SPAN(copy, n), try_response);
	for (size_t i = 0; i < n; i++) {
		copy[i] ^= 0x10;
		try_response(SPAN(copy, n));
		copy[i] ^= 0x10;
	}
}

static void
anonymous_is_no_name_and_no_response(void **state)
{
	static const uint8_t one[1], some[24] = { 1 };
	struct auth_ntlm_finish_req req = { 0 };

	(void)state;
	assert_true(verify_is_anonymous(&req));
	req.lm_response = SPAN(one, 1);
	assert_true(verify_is_anonymous(&req));
	req.lm_response = SPAN(some, 1);
	assert_false(verify_is_anonymous(&req));
	req.lm_response = SPAN_NONE;
	req.nt_response = SPAN(some, sizeof some);
	assert_false(verify_is_anonymous(&req));
	req.nt_response = SPAN_NONE;
	req.user	= str_of("x");
	assert_false(verify_is_anonymous(&req));
}

static void
anonymous_key_is_zero_or_exchanged_under_zero(void **state)
{
	static const uint8_t zero[NTLM_KEY_SIZE];
	struct scene s = scene();
	uint8_t key[NTLM_KEY_SIZE], wrapped[NTLM_KEY_SIZE];

	(void)state;
	verify_anonymous(&(struct auth_ntlm_finish_req){ .flags = CLIENT_FLAGS & ~NTLM_KEY_EXCH },
			 &s.sent, &s.verdict);
	assert_int_equal(s.verdict.reason, VERIFY_OK);
	assert_memory_equal(s.verdict.key, zero, sizeof zero);

	memset(key, 0x5a, sizeof key);
	ntlm_key_wrap(zero, key, wrapped);
	verify_anonymous(
	    &(struct auth_ntlm_finish_req){ .flags	 = CLIENT_FLAGS,
					    .session_key = SPAN(wrapped, sizeof wrapped) },
	    &s.sent, &s.verdict);
	assert_memory_equal(s.verdict.key, key, sizeof key);
}

/* smbclient 4.17 against smbd, password "Ntlm-pw-1": every value is checked. */
static void
recorded_logon_verifies(void **state)
{
	static uint8_t buf[3][2048];
	struct spnego_init init;
	struct spnego_resp t2, t3;
	struct ntlm_challenge c;
	struct ntlm_authenticate a;
	struct scene s = scene();
	char user[256], domain[256];
	size_t n;

	(void)state;
	assert_status(spnego_init_decode(vector_load("auth/ntlm_init.hex", buf[0], 2048), &init),
		      STATUS_SUCCESS);
	assert_status(spnego_resp_decode(vector_load("auth/ntlm_challenge.hex", buf[1], 2048), &t2),
		      STATUS_SUCCESS);
	assert_status(
	    spnego_resp_decode(vector_load("auth/ntlm_authenticate.hex", buf[2], 2048), &t3),
	    STATUS_SUCCESS);
	assert_status(ntlm_challenge_decode(t2.token, &c), STATUS_SUCCESS);
	assert_status(ntlm_authenticate_decode(t3.token, &a), STATUS_SUCCESS);
	assert_status(utf16_to_utf8(a.user, user, sizeof user, &n), STATUS_SUCCESS);
	assert_status(utf16_to_utf8(a.domain, domain, sizeof domain, &n), STATUS_SUCCESS);
	assert_status(ntlm_hash("Ntlm-pw-1", s.hash), STATUS_SUCCESS);

	struct ntlm_v2_response v2;
	assert_status(ntlm_v2_response_decode(a.nt_response, &v2), STATUS_SUCCESS);
	memcpy(s.sent.nonce, c.server_challenge, sizeof s.sent.nonce);
	s.sent.flags			      = c.flags;
	s.sent.target_info		      = c.target_info;
	const struct auth_ntlm_finish_req req = {
		.user	      = str_of(user),
		.domain	      = str_of(domain),
		.flags	      = a.flags,
		.nt_response  = a.nt_response,
		.session_key  = a.session_key,
		.negotiate    = init.token,
		.challenge    = t2.token,
		.authenticate = t3.token,
		.mic_at	      = NTLM_MIC_OFFSET,
		.mech_list    = init.mech_list,
		.client_mic   = t3.mic,
	};
	verify_ntlm(&req, &s.sent, s.hash, v2.timestamp, &s.verdict);
	assert_int_equal(s.verdict.reason, VERIFY_OK);
	assert_true(s.verdict.has_mic);

	static uint8_t done_buf[2048];
	struct spnego_resp done;
	assert_status(spnego_resp_decode(vector_load("auth/ntlm_done.hex", done_buf, 2048), &done),
		      STATUS_SUCCESS);
	assert_span(done.mic, s.verdict.mic, sizeof s.verdict.mic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_password_gives_key_and_mic),
		cmocka_unit_test(key_is_the_base_key_without_key_exchange),
		cmocka_unit_test(client_that_proves_without_domain_is_accepted),
		cmocka_unit_test(case_of_the_user_name_does_not_matter),
		cmocka_unit_test(wrong_password_is_refused),
		cmocka_unit_test(proof_for_another_challenge_is_refused),
		cmocka_unit_test(short_responses_are_not_ntlmv2),
		cmocka_unit_test(response_of_zeroes_is_malformed),
		cmocka_unit_test(changed_target_information_is_refused),
		cmocka_unit_test(clock_may_be_a_day_off_but_not_two),
		cmocka_unit_test(each_byte_of_the_messages_is_under_the_mic),
		cmocka_unit_test(announced_mic_that_is_missing_is_refused),
		cmocka_unit_test(client_without_mic_is_accepted),
		cmocka_unit_test(client_that_announced_a_mic_gets_ours_even_without_sending_one),
		cmocka_unit_test(raw_ntlmssp_gets_no_list_mic),
		cmocka_unit_test(wrong_list_mic_is_refused),
		cmocka_unit_test(list_mic_over_another_list_is_refused),
		cmocka_unit_test(session_key_of_the_wrong_size_is_refused),
		cmocka_unit_test(cut_and_mutated_responses_are_refused),
		cmocka_unit_test(anonymous_is_no_name_and_no_response),
		cmocka_unit_test(anonymous_key_is_zero_or_exchanged_under_zero),
		cmocka_unit_test(recorded_logon_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
