/* policy.c - see policy.h.  [MS-SMB2] 3.3.5.4, 3.3.5.5.3 */
#include "smbd/policy.h"

#include <string.h>

#include "ipc/msg/authd.msg.h"
#include "proto/smb2/sign.h"

/* Best first: GCM and GMAC cost a quarter of the others; 256 bits for who offers nothing less. */
static const uint16_t dialects[] = { SMB2_DIALECT_311, SMB2_DIALECT_302, SMB2_DIALECT_300,
	SMB2_DIALECT_210, SMB2_DIALECT_202 };
static const uint16_t ciphers[]  = { SMB2_CIPHER_AES128_GCM, SMB2_CIPHER_AES256_GCM,
	 SMB2_CIPHER_AES128_CCM, SMB2_CIPHER_AES256_CCM };
static const uint16_t signings[] = { SMB2_SIGN_AES_GMAC, SMB2_SIGN_AES_CMAC,
	SMB2_SIGN_HMAC_SHA256 };

bool
policy_allows(const struct conf_server_req *c, uint16_t dialect)
{
	return dialect >= c->min_protocol && dialect <= c->max_protocol;
}

uint16_t
policy_dialect(const struct conf_server_req *c, const struct smb2_negotiate_req *req)
{
	for (size_t i = 0; i < NELEM(dialects); i++)
		if (policy_allows(c, dialects[i]) && smb2_negotiate_req_offers(req, dialects[i]))
			return dialects[i];
	return 0;
}

/* The first of ours that the client lists, or none. */
static uint16_t
policy_pick(const uint16_t *ours, size_t n, const struct smb2_alg_list *theirs, uint16_t none)
{
	for (size_t i = 0; i < n; i++)
		if (smb2_alg_list_has(theirs, ours[i]))
			return ours[i];
	return none;
}

/* 3.3.5.4.  Not offered: DFS, leases of directories, persistent handles. */
static uint32_t
policy_caps(const struct conf_server_req *c, uint16_t dialect, uint32_t client_caps)
{
	uint32_t caps = 0;

	if (dialect >= SMB2_DIALECT_210)
		caps |= SMB2_GLOBAL_CAP_LARGE_MTU | (c->leases ? SMB2_GLOBAL_CAP_LEASING : 0);
	if (dialect >= SMB2_DIALECT_300)
		caps |= client_caps & SMB2_GLOBAL_CAP_MULTI_CHANNEL;
	return caps;
}

static uint16_t
policy_mode(const struct conf_server_req *c)
{
	return SMB2_NEGOTIATE_SIGNING_ENABLED |
	       (c->signing == CONF_REQUIRED ? SMB2_NEGOTIATE_SIGNING_REQUIRED : 0);
}

/* 3.0 and 3.0.2 know one cipher and say so by a capability. */
static void
policy_cipher_30(const struct conf_server_req *c, struct conn_params *p)
{
	if (c->encrypt == CONF_OFF || !(p->client_caps & SMB2_GLOBAL_CAP_ENCRYPTION))
		return;
	p->cipher = SMB2_CIPHER_AES128_CCM;
	p->server_caps |= SMB2_GLOBAL_CAP_ENCRYPTION;
}

static nt
policy_contexts(const struct conf_server_req *c, const struct smb2_neg_contexts *x,
    struct conn_params *p)
{
	REQUIRE(smb2_neg_has(x, SMB2_NEG_PREAUTH), STATUS_INVALID_PARAMETER);
	REQUIRE(smb2_alg_list_has(&x->hashes, SMB2_PREAUTH_SHA512),
	    STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP);
	if (smb2_neg_has(x, SMB2_NEG_ENCRYPTION) && c->encrypt != CONF_OFF)
		p->cipher = policy_pick(ciphers, NELEM(ciphers), &x->ciphers, SMB2_CIPHER_NONE);
	if (smb2_neg_has(x, SMB2_NEG_SIGNING))
		p->signing_alg =
		    policy_pick(signings, NELEM(signings), &x->signings, SMB2_SIGN_AES_CMAC);
	return STATUS_SUCCESS;
}

nt
policy_negotiate(const struct conf_server_req *c, const struct smb2_negotiate_req *req,
    uint16_t dialect, struct conn_params *ret)
{
	struct conn_params p = *ret;

	p.dialect           = dialect;
	p.cipher            = SMB2_CIPHER_NONE;
	p.signing_alg       = smb2_sign_default(dialect);
	p.client_caps       = req->capabilities;
	p.client_mode       = req->security_mode;
	p.server_caps       = policy_caps(c, dialect, req->capabilities);
	p.server_mode       = policy_mode(c);
	p.n_client_dialects = req->dialect_count;
	memcpy(p.client_guid.b, req->client_guid, sizeof p.client_guid.b);
	memcpy(p.client_dialects, req->dialects, sizeof p.client_dialects);
	if (dialect == SMB2_DIALECT_311)
		TRY(policy_contexts(c, &req->contexts, &p));
	else if (dialect >= SMB2_DIALECT_300)
		policy_cipher_30(c, &p);
	*ret = p;
	return STATUS_SUCCESS;
}

void
policy_multiprotocol(const struct conf_server_req *c, uint16_t dialect, struct conn_params *ret)
{
	ret->dialect     = dialect;
	ret->signing_alg = SMB2_SIGN_HMAC_SHA256;
	ret->server_mode = policy_mode(c);
	ret->server_caps = dialect == SMB2_DIALECT_202 ? 0 : policy_caps(c, SMB2_DIALECT_210, 0);
}

nt
policy_session(const struct conf_server_req *c, const struct conn_params *p, uint8_t client_mode,
    uint32_t auth_flags, struct policy_session *ret)
{
	bool keyed     = (auth_flags & (AUTH_GUEST | AUTH_ANONYMOUS)) == 0;
	bool can_seal  = keyed && p->cipher != SMB2_CIPHER_NONE;
	bool wants_mac = (client_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED) != 0;

	REQUIRE(can_seal || c->encrypt != CONF_REQUIRED, STATUS_ACCESS_DENIED);
	*ret = (struct policy_session){
		.has_key       = keyed,
		.must_sign     = keyed && (wants_mac || c->signing == CONF_REQUIRED),
		.encrypts      = can_seal &&
			    (c->encrypt == CONF_DESIRED || c->encrypt == CONF_REQUIRED),
		.rejects_plain = c->encrypt == CONF_REQUIRED,
	};
	return STATUS_SUCCESS;
}

nt
policy_binding(const struct conn_params *first, const struct conn_params *p)
{
	/* GMAC needs what only its own signer knows, so no other algorithm mixes with it. */
	if (first->signing_alg != p->signing_alg) {
		REQUIRE(first->signing_alg != SMB2_SIGN_AES_GMAC, STATUS_REQUEST_OUT_OF_SEQUENCE);
		REQUIRE(p->signing_alg != SMB2_SIGN_AES_GMAC, STATUS_NOT_SUPPORTED);
	}
	REQUIRE(p->dialect >= SMB2_DIALECT_300, STATUS_REQUEST_NOT_ACCEPTED);
	REQUIRE(p->dialect == first->dialect, STATUS_INVALID_PARAMETER);
	REQUIRE(p->cipher == first->cipher, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}
