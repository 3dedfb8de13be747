/*
 * test_smbd_logon_token.c - which mechanism a client's token is for, and when
 * the negotiation has to be proved.  [RFC4178] 4.2.1, 5; [MS-SPNG] 3.3
 */
#include "smbd/logon_token.h"
#include "tests/unit/check.h"

static const struct logon_mechs both = { true, true, false };
static const struct logon_mechs ntlm_only = { false, true, false };
static const struct logon_mechs krb_only = { true, false, false };

#define MS SPNEGO_MECH_MS_KRB5
#define K  SPNEGO_MECH_KRB5
#define N  SPNEGO_MECH_NTLMSSP
#define X  SPNEGO_MECH_NEGOEX

/* A NegTokenInit of these mechanisms with a token for the first, or without. */
static struct span
init_of(bool with_token, enum spnego_mech a, enum spnego_mech b, enum spnego_mech c)
{
	static uint8_t room[512];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_init t = { .mechs = { a, b, c }, .mech_count = 3, .has_token = with_token,
		.token = SPAN_STR("optimistic") };

	spnego_init_encode(&w, &t);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static struct logon_in
read_init(const struct logon_mechs *m, bool with_token, enum spnego_mech a, enum spnego_mech b,
    enum spnego_mech c)
{
	struct logon_in in;

	assert_status(logon_token_read(init_of(with_token, a, b, c), m, &in), STATUS_SUCCESS);
	assert_true(in.is_init && !in.raw && in.mech_list.n > 0);
	return in;
}

static void
clients_first_choice_is_taken_with_its_token(void **state)
{
	struct logon_in in = read_init(&both, true, MS, K, N);

	(void)state;
	assert_int_equal(in.mech, MS);	/* in the client's own spelling */
	assert_false(in.ask || in.mic_due);
	assert_span(in.token, "optimistic", 10);
	in = read_init(&both, true, N, MS, K);
	assert_int_equal(in.mech, N);
	assert_false(in.ask || in.mic_due);
}

static void
token_for_another_mechanism_counts_for_nothing(void **state)
{
	struct logon_in in = read_init(&both, true, X, MS, N);

	(void)state;
	assert_int_equal(in.mech, MS);
	assert_true(in.ask && in.mic_due && in.token.n == 0);
	in = read_init(&ntlm_only, true, MS, K, N);
	assert_int_equal(in.mech, N);
	assert_true(in.ask && in.mic_due && in.token.n == 0);
}

static void
first_choice_without_a_token_is_asked_for_one_and_needs_no_proof(void **state)
{
	struct logon_in in = read_init(&both, false, K, N, X);

	(void)state;
	assert_true(in.ask && !in.mic_due);
	assert_int_equal(in.mech, K);
}

static void
our_order_decides_where_the_client_leaves_it_to_us(void **state)
{
	const struct logon_mechs ntlm_first = { true, true, true };

	(void)state;
	assert_int_equal(read_init(&both, true, X, N, K).mech, K);
	assert_int_equal(read_init(&ntlm_first, true, X, K, N).mech, N);
}

static void
what_is_switched_off_is_not_chosen(void **state)
{
	struct logon_in in;

	(void)state;
	assert_status(logon_token_read(init_of(true, N, X, X), &krb_only, &in), STATUS_LOGON_FAILURE);
	assert_status(logon_token_read(init_of(true, MS, K, X), &ntlm_only, &in),
	    STATUS_LOGON_FAILURE);
	assert_status(logon_token_read(SPAN("NTLMSSP\0\1\0\0\0", 12), &krb_only, &in),
	    STATUS_LOGON_FAILURE);
	assert_status(logon_token_read(SPAN("NTLMSSP\0\1\0\0\0", 12), &both, &in), STATUS_SUCCESS);
	assert_true(in.raw && in.mech == N);
}

static void
raw_kerberos_is_known_by_its_oid(void **state)
{
	static const char token[] = "\x60\x0f\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00xx";
	struct logon_in in;

	(void)state;
	assert_status(logon_token_read(SPAN(token, 17), &both, &in), STATUS_SUCCESS);
	assert_true(in.raw && spnego_mech_same(in.mech, K));
	assert_span(in.token, token, 17);
	assert_status(logon_token_read(SPAN(token, 17), &ntlm_only, &in), STATUS_LOGON_FAILURE);
}

static void
later_token_has_a_token_or_a_mic(void **state)
{
	uint8_t room[128];
	struct spnego_resp t = { .state = SPNEGO_STATE_NONE, .has_mic = true, .mic = SPAN_STR("mic") };
	struct wr w          = wr_init(room, sizeof room);
	struct logon_in in;

	(void)state;
	spnego_resp_encode(&w, &t);
	assert_status(logon_token_read(wr_done(&w), &both, &in), STATUS_SUCCESS);
	assert_true(!in.is_init && in.token.n == 0);
	assert_span(in.mic, "mic", 3);
	t = (struct spnego_resp){ .state = SPNEGO_ACCEPT_COMPLETED };
	w = wr_init(room, sizeof room);
	spnego_resp_encode(&w, &t);
	assert_status(logon_token_read(wr_done(&w), &both, &in), STATUS_INVALID_PARAMETER);
	t.state = SPNEGO_REJECT;
	w       = wr_init(room, sizeof room);
	spnego_resp_encode(&w, &t);
	assert_status(logon_token_read(wr_done(&w), &both, &in), STATUS_LOGON_FAILURE);
}

static void
hint_lists_what_is_on_in_our_order(void **state)
{
	const struct logon_mechs ntlm_first = { true, true, true };
	enum spnego_mech got[SPNEGO_MECHS_MAX];

	(void)state;
	assert_int_equal(logon_hint(&both, got), 3);
	assert_true(got[0] == MS && got[1] == K && got[2] == N);
	assert_int_equal(logon_hint(&ntlm_first, got), 3);
	assert_true(got[0] == N && got[1] == MS);
	assert_int_equal(logon_hint(&ntlm_only, got), 1);
	assert_int_equal(logon_hint(&krb_only, got), 2);
}

static void
any_bytes(struct span s)
{
	struct logon_in in;

	check_decided(logon_token_read(s, &both, &in));
}

static void
damaged_tokens_are_decided(void **state)
{
	struct span token = init_of(true, MS, X, N);

	(void)state;
	check_mutations(token, any_bytes);
	check_cuts(token, any_bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_first_choice_is_taken_with_its_token),
		cmocka_unit_test(token_for_another_mechanism_counts_for_nothing),
		cmocka_unit_test(first_choice_without_a_token_is_asked_for_one_and_needs_no_proof),
		cmocka_unit_test(our_order_decides_where_the_client_leaves_it_to_us),
		cmocka_unit_test(what_is_switched_off_is_not_chosen),
		cmocka_unit_test(raw_kerberos_is_known_by_its_oid),
		cmocka_unit_test(later_token_has_a_token_or_a_mic),
		cmocka_unit_test(hint_lists_what_is_on_in_our_order),
		cmocka_unit_test(damaged_tokens_are_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
