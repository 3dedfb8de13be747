/*
 * test_auth_spnego.c - SPNEGO tokens: recorded ones read and written back to
 * the byte, hostile ones refused.  [RFC4178] 4.2, [MS-SPNG] 2.2.1
 */
#include "tests/unit/check.h"

#include "proto/auth/spnego.h"

static struct span
load(const char *name, uint8_t buf[4096])
{
	return vector_load(name, buf, 4096);
}

static void
hint_is_written_as_recorded(void **state)
{
	static const enum spnego_mech mechs[] = { SPNEGO_MECH_MS_KRB5, SPNEGO_MECH_KRB5,
						  SPNEGO_MECH_NTLMSSP };
	uint8_t buf[4096], out[4096];
	struct span want;
	struct wr w;

	(void)state;
	want = load("auth/krb5_hint.hex", buf);
	w    = wr_init(out, sizeof out);
	spnego_hint_encode(&w, mechs, 3);
	assert_span(wr_done(&w), want.p, want.n);
}

static void
hint_is_read_by_the_client(void **state)
{
	uint8_t buf[4096];
	struct spnego_init c;

	(void)state;
	assert_status(spnego_init_decode(load("auth/krb5_hint.hex", buf), &c), STATUS_SUCCESS);
	assert_int_equal(c.mech_count, 3);
	assert_int_equal(c.mechs[0], SPNEGO_MECH_MS_KRB5);
	assert_int_equal(c.mechs[2], SPNEGO_MECH_NTLMSSP);
	assert_false(c.has_token);
	assert_false(c.has_mic);
}

static void
init_round_trips(void **state)
{
	static const char *const names[] = { "auth/ntlm_init.hex", "auth/krb5_init.hex" };
	uint8_t buf[4096], out[4096];
	struct spnego_init c;
	struct span token;
	struct wr w;

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		token = load(names[i], buf);
		assert_int_equal(spnego_classify(token), SPNEGO_KIND_INIT);
		assert_status(spnego_init_decode(token, &c), STATUS_SUCCESS);
		assert_true(c.has_token);
		w = wr_init(out, sizeof out);
		spnego_init_encode(&w, &c);
		assert_span(wr_done(&w), token.p, token.n);
		w = wr_init(out, sizeof out);
		spnego_mech_list_encode(&w, c.mechs, c.mech_count);
		assert_span(wr_done(&w), c.mech_list.p, c.mech_list.n);
	}
}

static void
resp_round_trips(void **state)
{
	static const char *const names[] = { "auth/ntlm_challenge.hex",
					     "auth/ntlm_authenticate.hex", "auth/ntlm_done.hex",
					     "auth/krb5_done.hex" };
	uint8_t buf[4096], out[4096];
	struct spnego_resp c;
	struct span token;
	struct wr w;

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		token = load(names[i], buf);
		assert_int_equal(spnego_classify(token), SPNEGO_KIND_RESP);
		assert_status(spnego_resp_decode(token, &c), STATUS_SUCCESS);
		w = wr_init(out, sizeof out);
		spnego_resp_encode(&w, &c);
		assert_span(wr_done(&w), token.p, token.n);
	}
}

static void
classify_knows_bare_tokens(void **state)
{
	(void)state;
	assert_int_equal(spnego_classify(SPAN("NTLMSSP\0\1\0\0\0", 12)), SPNEGO_KIND_NTLMSSP);
	assert_int_equal(spnego_classify(SPAN("NTLMSSP", 7)), SPNEGO_KIND_UNKNOWN);
	assert_int_equal(spnego_classify(SPAN(
			     "\x60\x0d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00", 15)),
			 SPNEGO_KIND_KRB5);
	assert_int_equal(spnego_classify(SPAN("\x60\x84\x7f\xff\xff\xff", 6)), SPNEGO_KIND_UNKNOWN);
	assert_int_equal(spnego_classify(SPAN_NONE), SPNEGO_KIND_UNKNOWN);
}

static void
both_kerberos_names_are_one_mechanism(void **state)
{
	(void)state;
	assert_true(spnego_mech_same(SPNEGO_MECH_KRB5, SPNEGO_MECH_MS_KRB5));
	assert_false(spnego_mech_same(SPNEGO_MECH_KRB5, SPNEGO_MECH_NTLMSSP));
	assert_false(spnego_mech_same(SPNEGO_MECH_UNKNOWN, SPNEGO_MECH_UNKNOWN));
}

static void
init_refuses_nine_mechanisms(void **state)
{
	struct spnego_init c = { .mech_count = SPNEGO_MECHS_MAX };
	uint8_t out[512];
	struct wr w;

	(void)state;
	for (size_t i = 0; i < SPNEGO_MECHS_MAX; i++)
		c.mechs[i] = SPNEGO_MECH_NTLMSSP;
	w = wr_init(out, sizeof out);
	spnego_init_encode(&w, &c);
	assert_status(spnego_init_decode(wr_done(&w), &c), STATUS_SUCCESS);
	assert_int_equal(c.mech_count, SPNEGO_MECHS_MAX);

	/* One more OID by hand: every enclosing length grows by its 12 bytes. */
	memcpy(out + w.pos, out + w.pos - 12, 12);
	out[2]	= (uint8_t)(out[2] + 12);  /* 60 81 xx */
	out[13] = (uint8_t)(out[13] + 12); /* a0 xx */
	out[15] = (uint8_t)(out[15] + 12); /* 30 xx */
	out[17] = (uint8_t)(out[17] + 12); /* a0 xx */
	out[19] = (uint8_t)(out[19] + 12); /* 30 xx */
	assert_status(spnego_init_decode(SPAN(out, w.pos + 12), &c), STATUS_INVALID_PARAMETER);
}

static void
init_refuses_trailing_bytes(void **state)
{
	uint8_t buf[4096];
	struct spnego_init c;
	struct span token;

	(void)state;
	token	     = load("auth/ntlm_init.hex", buf);
	buf[token.n] = 0;
	assert_status(spnego_init_decode(SPAN(buf, token.n + 1), &c), STATUS_INVALID_PARAMETER);
}

static void
resp_refuses_long_form_of_a_short_length(void **state)
{
	/* a1 07 30 05 a0 03 0a 01 00 is right; 30 81 05 says the same less briefly. */
	struct spnego_resp c;

	(void)state;
	assert_status(spnego_resp_decode(SPAN("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x00", 9), &c),
		      STATUS_SUCCESS);
	assert_int_equal(c.state, SPNEGO_ACCEPT_COMPLETED);
	assert_status(spnego_resp_decode(SPAN("\xa1\x08\x30\x81\x05\xa0\x03\x0a\x01\x00", 10), &c),
		      STATUS_INVALID_PARAMETER);
	assert_status(spnego_resp_decode(SPAN("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x04", 9), &c),
		      STATUS_INVALID_PARAMETER);
}

static void
resp_writes_lengths_of_all_forms(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 127, 128, 200, 255, 256, 4000 };
	static uint8_t out[8192], body[4096];
	struct spnego_resp c, back;
	struct wr w;

	(void)state;
	for (size_t i = 0; i < NELEM(sizes); i++) {
		c = (struct spnego_resp){ .state     = SPNEGO_STATE_NONE,
					  .has_token = true,
					  .token     = SPAN(body, sizes[i]) };
		w = wr_init(out, sizeof out);
		spnego_resp_encode(&w, &c);
		assert_status(spnego_resp_decode(wr_done(&w), &back), STATUS_SUCCESS);
		assert_int_equal(back.token.n, sizes[i]);
		assert_int_equal(back.state, SPNEGO_STATE_NONE);
	}
}

static void
try_both(struct span s)
{
	struct spnego_init i;
	struct spnego_resp p;
	nt a = spnego_init_decode(s, &i);
	nt b = spnego_resp_decode(s, &p);

	assert_false(nt_ok(a) && nt_ok(b));
	if (nt_ok(a))
		assert_int_equal(spnego_classify(s), SPNEGO_KIND_INIT);
	if (nt_ok(b))
		assert_int_equal(spnego_classify(s), SPNEGO_KIND_RESP);
}

static void
refuse_both(struct span s)
{
	struct spnego_init i;
	struct spnego_resp p;

	assert_status(spnego_init_decode(s, &i), STATUS_INVALID_PARAMETER);
	assert_status(spnego_resp_decode(s, &p), STATUS_INVALID_PARAMETER);
}

static void
tokens_survive_cuts_and_mutations(void **state)
{
	static const char *const names[] = { "auth/ntlm_init.hex", "auth/krb5_hint.hex",
					     "auth/ntlm_authenticate.hex", "auth/ntlm_done.hex" };
	uint8_t buf[4096];

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		check_cuts(load(names[i], buf), refuse_both);
		check_mutations(load(names[i], buf), try_both);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hint_is_written_as_recorded),
		cmocka_unit_test(hint_is_read_by_the_client),
		cmocka_unit_test(init_round_trips),
		cmocka_unit_test(resp_round_trips),
		cmocka_unit_test(classify_knows_bare_tokens),
		cmocka_unit_test(both_kerberos_names_are_one_mechanism),
		cmocka_unit_test(init_refuses_nine_mechanisms),
		cmocka_unit_test(init_refuses_trailing_bytes),
		cmocka_unit_test(resp_refuses_long_form_of_a_short_length),
		cmocka_unit_test(resp_writes_lengths_of_all_forms),
		cmocka_unit_test(tokens_survive_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
