/*
 * test_authenticator.c - the chain of authenticators, and the answers that carry
 * one.  [MS-NRPC] 3.1.4.5, 3.5.4.5.2
 */
#include "tests/unit/check.h"

#include "proto/auth/netlogon_crypto.h"
#include "proto/rpc/netlogon.h"

static const uint8_t key[NETLOGON_KEY_SIZE] = { 1, 2, 3 }, challenge[8] = { 9, 8, 7 };
static uint8_t sids_room[65536];

static struct netlogon_chain
chain(void)
{
	struct netlogon_chain c;

	netlogon_chain_init(&c, key, challenge);
	return c;
}

/* The controller's half: what it returns to a call of that time. */
static void
controller(struct netlogon_chain *c, uint32_t time, uint8_t ret[8])
{
	uint8_t theirs[8];

	netlogon_chain_next(c, time, theirs);
	netlogon_chain_next(c, 1, ret);
}

static void
the_chain_goes_on_as_the_controllers_does(void **state)
{
	struct netlogon_chain us = chain(), them = chain();
	uint8_t ours[8], returned[8];

	(void)state;
	for (uint32_t time = 0xfffffff0u; time != 0x10u; time++) { /* past the end of 32 bits */
		netlogon_chain_next(&us, time, ours);
		controller(&them, time, returned);
		assert_true(netlogon_chain_check(&us, returned));
	}
}

static void
only_the_low_half_counts(void **state)
{
	struct netlogon_chain c = chain();
	uint8_t high[4], ret[8];

	(void)state;
	memcpy(high, c.stored + 4, sizeof high);
	netlogon_chain_next(&c, UINT32_MAX, ret);
	netlogon_chain_next(&c, UINT32_MAX, ret);
	assert_memory_equal(c.stored + 4, high, sizeof high);
}

static void
an_authenticator_out_of_turn_is_refused(void **state)
{
	struct netlogon_chain us = chain(), them = chain();
	uint8_t ours[8], returned[8];

	(void)state;
	netlogon_chain_next(&us, 5, ours);
	assert_false(netlogon_chain_check(&us, ours));
	us = chain();
	netlogon_chain_next(&us, 5, ours);
	controller(&them, 6, returned);
	assert_false(netlogon_chain_check(&us, returned));
}

/* The recorded answer of SamLogonEx behind an authenticator. */
static size_t
answer(uint8_t *room, size_t cap, bool has)
{
	uint8_t ex[1024];
	struct span stub = vector_load("netlogon/logon_ex.hex", ex, sizeof ex);
	struct wr w	 = wr_init(room, cap);

	wr_u32(&w, has ? 0x20000 : 0);
	if (has) {
		wr_bytes(&w, "authentic", 8);
		wr_u32(&w, 0);
	}
	wr_span(&w, stub);
	assert_true(wr_ok(&w));
	return w.pos;
}

static nt
decode(struct span stub, uint8_t credential[8], struct sam_info *info, nt *status)
{
	struct wr sids = wr_init(sids_room, sizeof sids_room);

	return netlogon_logon_flags_decode(stub, credential, info, &sids, status);
}

static void
an_answer_has_its_authenticator(void **state)
{
	uint8_t room[2048], credential[8];
	struct sam_info info;
	nt status;

	(void)state;
	assert_status(decode(SPAN(room, answer(room, sizeof room, true)), credential, &info, &status),
		      STATUS_SUCCESS);
	assert_status(status, STATUS_SUCCESS);
	assert_memory_equal(credential, "authenti", 8);
	assert_string_equal(info.user, "bob");
}

static void
an_absent_authenticator_is_zeroes(void **state)
{
	static const uint8_t zero[8];
	uint8_t room[2048], credential[8];
	struct sam_info info;
	nt status;

	(void)state;
	assert_status(
	    decode(SPAN(room, answer(room, sizeof room, false)), credential, &info, &status),
	    STATUS_SUCCESS);
	assert_memory_equal(credential, zero, 8);
}

static void
an_answer_that_ends_early_is_refused(void **state)
{
	uint8_t room[2048], credential[8];
	size_t n = answer(room, sizeof room, true);
	struct sam_info info;
	nt status;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint8_t *cut = malloc(i + 1);

		assert_non_null(cut);
		memcpy(cut, room, i);
		assert_status(decode(SPAN(cut, i), credential, &info, &status),
			      STATUS_INVALID_PARAMETER);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_goes_on_as_the_controllers_does),
		cmocka_unit_test(only_the_low_half_counts),
		cmocka_unit_test(an_authenticator_out_of_turn_is_refused),
		cmocka_unit_test(an_answer_has_its_authenticator),
		cmocka_unit_test(an_absent_authenticator_is_zeroes),
		cmocka_unit_test(an_answer_that_ends_early_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
