/* test_smbd_policy.c - what is chosen and what is refused.  [MS-SMB2] 3.3.5.4, 3.3.5.5.3 */
#include "ipc/msg/authd.msg.h"
#include "smbd/policy.h"
#include "tests/unit/check.h"

static struct conf_server_req
conf(void)
{
	return (struct conf_server_req){ .min_protocol = SMB2_DIALECT_202,
		.max_protocol = SMB2_DIALECT_311, .signing = CONF_REQUIRED, .encrypt = CONF_DESIRED };
}

static struct smb2_negotiate_req
offer(void)
{
	struct smb2_negotiate_req n = { .security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
		.capabilities = SMB2_GLOBAL_CAP_ENCRYPTION, .dialect_count = 5,
		.dialects = { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 }, .has_contexts = true };

	n.contexts.present = 1u << SMB2_NEG_PREAUTH | 1u << SMB2_NEG_ENCRYPTION | 1u << SMB2_NEG_SIGNING;
	smb2_alg_list_add(&n.contexts.hashes, SMB2_PREAUTH_SHA512);
	smb2_alg_list_add(&n.contexts.ciphers, SMB2_CIPHER_AES256_CCM);
	smb2_alg_list_add(&n.contexts.ciphers, SMB2_CIPHER_AES128_GCM);
	smb2_alg_list_add(&n.contexts.signings, SMB2_SIGN_AES_CMAC);
	smb2_alg_list_add(&n.contexts.signings, SMB2_SIGN_AES_GMAC);
	return n;
}

static void
dialect_is_the_greatest_that_both_have(void **state)
{
	struct conf_server_req c    = conf();
	struct smb2_negotiate_req n = offer();

	(void)state;
	assert_int_equal(policy_dialect(&c, &n), 0x0311);
	c.max_protocol = 0x0300;
	assert_int_equal(policy_dialect(&c, &n), 0x0300);
	n.dialect_count = 1;
	assert_int_equal(policy_dialect(&c, &n), 0x0202);
	c.min_protocol = 0x0210;
	assert_int_equal(policy_dialect(&c, &n), 0);
}

static void
negotiate_takes_our_preference_among_theirs(void **state)
{
	struct conf_server_req c    = conf();
	struct smb2_negotiate_req n = offer();
	struct conn_params p        = { 0 };

	(void)state;
	assert_status(policy_negotiate(&c, &n, 0x0311, &p), STATUS_SUCCESS);
	assert_int_equal(p.cipher, SMB2_CIPHER_AES128_GCM);
	assert_int_equal(p.signing_alg, SMB2_SIGN_AES_GMAC);
	assert_int_equal(p.server_mode, SMB2_NEGOTIATE_SIGNING_ENABLED | SMB2_NEGOTIATE_SIGNING_REQUIRED);
}

static void
negotiate_311_demands_the_preauth_context_and_sha512(void **state)
{
	struct conf_server_req c    = conf();
	struct smb2_negotiate_req n = offer();
	struct conn_params p        = { 0 };

	(void)state;
	n.contexts.hashes.id[0] = 2;
	assert_status(policy_negotiate(&c, &n, 0x0311, &p),
	    STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP);
	n.contexts.present &= ~(1u << SMB2_NEG_PREAUTH);
	assert_status(policy_negotiate(&c, &n, 0x0311, &p), STATUS_INVALID_PARAMETER);
	assert_int_equal(p.dialect, 0);
}

static void
negotiate_without_signing_context_means_cmac(void **state)
{
	struct conf_server_req c    = conf();
	struct smb2_negotiate_req n = offer();
	struct conn_params p        = { 0 };

	(void)state;
	n.contexts.present &= ~(1u << SMB2_NEG_SIGNING);
	assert_status(policy_negotiate(&c, &n, 0x0311, &p), STATUS_SUCCESS);
	assert_int_equal(p.signing_alg, SMB2_SIGN_AES_CMAC);
	assert_status(policy_negotiate(&c, &n, 0x0210, &p), STATUS_SUCCESS);
	assert_int_equal(p.signing_alg, SMB2_SIGN_HMAC_SHA256);
}

static void
cipher_of_30_needs_the_capability_and_our_will(void **state)
{
	struct conf_server_req c    = conf();
	struct smb2_negotiate_req n = offer();
	struct conn_params p        = { 0 };

	(void)state;
	assert_status(policy_negotiate(&c, &n, 0x0302, &p), STATUS_SUCCESS);
	assert_int_equal(p.cipher, SMB2_CIPHER_AES128_CCM);
	assert_true(p.server_caps & SMB2_GLOBAL_CAP_ENCRYPTION);
	n.capabilities = 0;
	assert_status(policy_negotiate(&c, &n, 0x0302, &p), STATUS_SUCCESS);
	assert_int_equal(p.cipher, SMB2_CIPHER_NONE);
	n.capabilities = SMB2_GLOBAL_CAP_ENCRYPTION;
	c.encrypt      = CONF_OFF;
	assert_status(policy_negotiate(&c, &n, 0x0300, &p), STATUS_SUCCESS);
	assert_int_equal(p.cipher, SMB2_CIPHER_NONE);
	assert_false(p.server_caps & SMB2_GLOBAL_CAP_ENCRYPTION);
}

/* Signing and encryption of a session: every row is a promise to an administrator. */
static void
session_policy_is_this_table(void **state)
{
	static const struct {
		uint8_t signing, encrypt;
		uint16_t cipher;
		uint8_t client_mode;
		uint32_t auth;
		uint32_t status;
		bool sign, seal, rejects;
	} rows[] = {
		{ CONF_REQUIRED, CONF_OFF, 0, 0, 0, NT_SUCCESS, true, false, false },
		{ CONF_DESIRED, CONF_OFF, 0, 0, 0, NT_SUCCESS, false, false, false },
		{ CONF_OFF, CONF_OFF, 0, 0, 0, NT_SUCCESS, false, false, false },
		{ CONF_OFF, CONF_OFF, 0, 2, 0, NT_SUCCESS, true, false, false },
		{ CONF_REQUIRED, CONF_OFF, 0, 0, AUTH_GUEST, NT_SUCCESS, false, false, false },
		{ CONF_REQUIRED, CONF_DESIRED, 2, 0, 0, NT_SUCCESS, true, true, false },
		{ CONF_REQUIRED, CONF_DESIRED, 0, 0, 0, NT_SUCCESS, true, false, false },
		{ CONF_REQUIRED, CONF_OFFERED, 2, 0, 0, NT_SUCCESS, true, false, false },
		{ CONF_REQUIRED, CONF_REQUIRED, 2, 0, 0, NT_SUCCESS, true, true, true },
		{ CONF_REQUIRED, CONF_REQUIRED, 0, 0, 0, NT_ACCESS_DENIED, false, false, false },
		{ CONF_REQUIRED, CONF_REQUIRED, 2, 0, AUTH_ANONYMOUS, NT_ACCESS_DENIED, false, false, false },
		{ CONF_REQUIRED, CONF_DESIRED, 2, 0, AUTH_GUEST, NT_SUCCESS, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct conf_server_req c = { .signing = rows[i].signing, .encrypt = rows[i].encrypt };
		struct conn_params p     = { .dialect = 0x0311, .cipher = rows[i].cipher };
		struct policy_session s  = { 0 };

		assert_status(policy_session(&c, &p, rows[i].client_mode, rows[i].auth, &s),
		    (nt){ rows[i].status });
		assert_int_equal(s.must_sign, rows[i].sign);
		assert_int_equal(s.encrypts, rows[i].seal);
		assert_int_equal(s.rejects_plain, rows[i].rejects);
	}
}

/* 3.3.5.5 step 4, with the statuses that Windows gives. */
static void
binding_is_this_table(void **state)
{
	static const struct {
		uint16_t first_dialect, first_signing, dialect, signing, cipher;
		uint32_t status;
	} rows[] = {
		{ 0x0311, SMB2_SIGN_AES_GMAC, 0x0311, SMB2_SIGN_AES_GMAC, 2, NT_SUCCESS },
		{ 0x0311, SMB2_SIGN_AES_CMAC, 0x0311, SMB2_SIGN_HMAC_SHA256, 2, NT_SUCCESS },
		{ 0x0311, SMB2_SIGN_AES_GMAC, 0x0311, SMB2_SIGN_AES_CMAC, 2, NT_REQUEST_OUT_OF_SEQUENCE },
		{ 0x0311, SMB2_SIGN_AES_CMAC, 0x0311, SMB2_SIGN_AES_GMAC, 2, NT_NOT_SUPPORTED },
		{ 0x0210, SMB2_SIGN_HMAC_SHA256, 0x0210, SMB2_SIGN_HMAC_SHA256, 2, NT_REQUEST_NOT_ACCEPTED },
		{ 0x0300, SMB2_SIGN_AES_CMAC, 0x0302, SMB2_SIGN_AES_CMAC, 2, NT_INVALID_PARAMETER },
		{ 0x0311, SMB2_SIGN_AES_CMAC, 0x0311, SMB2_SIGN_AES_CMAC, 1, NT_INVALID_PARAMETER },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct conn_params first = { .dialect = rows[i].first_dialect,
			.signing_alg = rows[i].first_signing, .cipher = 2 };
		struct conn_params p     = { .dialect = rows[i].dialect, .signing_alg = rows[i].signing,
			    .cipher = rows[i].cipher };

		assert_status(policy_binding(&first, &p), (nt){ rows[i].status });
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialect_is_the_greatest_that_both_have),
		cmocka_unit_test(negotiate_takes_our_preference_among_theirs),
		cmocka_unit_test(negotiate_311_demands_the_preauth_context_and_sha512),
		cmocka_unit_test(negotiate_without_signing_context_means_cmac),
		cmocka_unit_test(cipher_of_30_needs_the_capability_and_our_will),
		cmocka_unit_test(session_policy_is_this_table),
		cmocka_unit_test(binding_is_this_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
