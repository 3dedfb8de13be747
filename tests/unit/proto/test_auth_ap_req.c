/*
 * test_auth_ap_req.c - the outside of a client's Kerberos token is read in one
 * way only.  [RFC4121] 4.1, [RFC4120] 5.5.1
 */
#include "tests/unit/check.h"

#include "proto/auth/ap_req.h"
#include "proto/auth/spnego.h"

/* The token inside of the recorded NegTokenInit. */
static struct span
load(uint8_t buf[4096])
{
	struct spnego_init init;

	assert_status(spnego_init_decode(vector_load("auth/krb5_init.hex", buf, 4096), &init),
		      STATUS_SUCCESS);
	return init.token;
}

static void
ap_req_says_which_service_and_key(void **state)
{
	uint8_t buf[4096];
	struct ap_req a;

	(void)state;
	assert_status(ap_req_decode(load(buf), &a), STATUS_SUCCESS);
	assert_string_equal(a.service, "cifs/server.test.example");
	assert_string_equal(a.realm, "TEST.EXAMPLE");
	assert_int_equal(a.etype, 18);
	assert_int_equal(a.session_etype, 18);
	assert_true(a.has_kvno);
	assert_int_equal(a.kvno, 1);
	assert_true(a.authenticator.n > 100);
}

static void
refuse(struct span token)
{
	struct ap_req a;

	assert_status(ap_req_decode(token, &a), STATUS_INVALID_PARAMETER);
}

static void
survive(struct span token)
{
	struct ap_req a;

	check_decided(ap_req_decode(token, &a));
}

static void
ap_req_refuses_any_cut_and_what_follows_it(void **state)
{
	uint8_t buf[4096], longer[4096];
	struct span token = load(buf);

	(void)state;
	check_cuts(token, refuse);
	check_mutations(token, survive);
	memcpy(longer, token.p, token.n);
	longer[token.n] = 0;
	refuse(SPAN(longer, token.n + 1));
}

/* Offsets of the recorded token: where its service's name begins. */
static size_t
find(struct span token, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= token.n; i++)
		if (memcmp(token.p + i, text, n) == 0)
			return i;
	fail_msg("no %s", text);
	return 0;
}

static void
ap_req_refuses_names_with_separators_in_a_part(void **state)
{
	static const char bad[] = { '/', '@', ' ', '\0', 0x7f };
	uint8_t buf[4096];
	struct span token = load(buf);
	size_t at	  = (size_t)(token.p - buf) + find(token, "server.test");

	(void)state;
	for (size_t i = 0; i < sizeof bad; i++) {
		buf[at + 3] = (uint8_t)bad[i];
		refuse(token);
	}
	buf[at + 3] = 'v';
	survive(token);
}

static void
krb_error_is_unwrapped_and_an_ap_req_is_none(void **state)
{
	static const uint8_t framed[] = { 0x60, 0x10, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
					  0x12, 0x01, 0x02, 0x02, 0x03, 0x00, 0x7e, 0x01, 0x00 };
	uint8_t buf[4096];
	struct span inner;

	(void)state;
	assert_status(krb_error_unwrap(SPAN(framed, sizeof framed), &inner), STATUS_SUCCESS);
	assert_span(inner, framed + 15, 3);
	assert_status(krb_error_unwrap(load(buf), &inner), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ap_req_says_which_service_and_key),
		cmocka_unit_test(ap_req_refuses_any_cut_and_what_follows_it),
		cmocka_unit_test(ap_req_refuses_names_with_separators_in_a_part),
		cmocka_unit_test(krb_error_is_unwrapped_and_an_ap_req_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
