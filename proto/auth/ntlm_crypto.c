/*
 * ntlm_crypto.c - NTLMv2 proofs, session keys, MIC and signatures.
 * [MS-NLMP] 3.3.2, 3.4.4.2, 3.4.5
 */
#include "proto/auth/ntlm_crypto.h"

#include <openssl/evp.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/auth/md4.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/rc4.h"

#define TEXT_MAX 512 /* bytes of UTF-16 in a password, user or domain */

/* HMAC-MD5 over the concatenation of parts. */
static void
hmac_md5(const uint8_t key[NTLM_KEY_SIZE], const struct span *parts, size_t n,
	 uint8_t ret[NTLM_KEY_SIZE])
{
	EVP_PKEY *pkey	= EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, NTLM_KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size	= NTLM_KEY_SIZE;
	bool ok		= pkey && ctx;

	ok = ok && EVP_DigestSignInit(ctx, NULL, EVP_md5(), NULL, pkey) == 1;
	for (size_t i = 0; i < n && ok; i++)
		ok = parts[i].n == 0 || EVP_DigestSignUpdate(ctx, parts[i].p, parts[i].n) == 1;
	ok = ok && EVP_DigestSignFinal(ctx, ret, &size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	if (!ok)
		fatal("HMAC-MD5 is not available from OpenSSL's default provider");
}

/* MD5 of the first n key bytes and a constant with its NUL. */
static void
md5_derive(const uint8_t *key, size_t n, const char *constant, uint8_t ret[NTLM_KEY_SIZE])
{
	uint8_t in[96];
	struct wr w = wr_init(in, sizeof in);

	wr_bytes(&w, key, n);
	wr_bytes(&w, constant, strlen(constant) + 1);
	if (!wr_ok(&w) || EVP_Digest(in, w.pos, ret, NULL, EVP_md5(), NULL) != 1)
		fatal("MD5 is not available from OpenSSL's default provider");
	secret_wipe(in, sizeof in);
}

nt
ntlm_hash(const char *password, uint8_t ret[NTLM_KEY_SIZE])
{
	uint8_t text[TEXT_MAX];
	struct wr w = wr_init(text, sizeof text);

	(void)wr_utf16(&w, password);
	if (wr_ok(&w))
		md4(wr_done(&w), ret);
	secret_wipe(text, sizeof text);
	return wr_ok(&w) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

nt
ntlm_owf_v2(const uint8_t hash[NTLM_KEY_SIZE], struct span user, struct span domain,
	    uint8_t ret[NTLM_KEY_SIZE])
{
	uint8_t upper[TEXT_MAX];
	struct wr w = wr_init(upper, sizeof upper);
	struct rd r = rd_init(user);
	struct span parts[2];

	REQUIRE(user.n % 2 == 0 && user.n <= TEXT_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(domain.n % 2 == 0 && domain.n <= TEXT_MAX, STATUS_INVALID_PARAMETER);
	/* Unit by unit, as Windows upcases: surrogates stay as they are. */
	while (rd_left(&r) > 0)
		wr_u16(&w, (uint16_t)unicode_upper(rd_u16(&r)));
	parts[0] = wr_done(&w);
	parts[1] = domain;
	hmac_md5(hash, parts, NELEM(parts), ret);
	return STATUS_SUCCESS;
}

void
ntlm_proof_v2(const uint8_t owf[NTLM_KEY_SIZE], const uint8_t server_challenge[8], struct span blob,
	      uint8_t ret[NTLM_KEY_SIZE])
{
	const struct span parts[] = { SPAN(server_challenge, NTLM_CHALLENGE_SIZE), blob };

	hmac_md5(owf, parts, NELEM(parts), ret);
}

void
ntlm_session_base_key(const uint8_t owf[NTLM_KEY_SIZE], const uint8_t proof[NTLM_KEY_SIZE],
		      uint8_t ret[NTLM_KEY_SIZE])
{
	const struct span parts[] = { SPAN(proof, NTLM_KEY_SIZE) };

	hmac_md5(owf, parts, NELEM(parts), ret);
}

nt
ntlm_v2_verify(const struct ntlm_v2_check *c, uint8_t ret_base_key[NTLM_KEY_SIZE])
{
	struct ntlm_v2_response v;
	uint8_t owf[NTLM_KEY_SIZE], proof[NTLM_KEY_SIZE], key[NTLM_KEY_SIZE];
	bool right;

	TRY(ntlm_v2_response_decode(c->nt_response, &v));
	TRY(ntlm_owf_v2(c->hash, c->user, c->domain, owf));
	ntlm_proof_v2(owf, c->server_challenge, v.blob, proof);
	ntlm_session_base_key(owf, proof, key); /* also for a wrong one: the same time */
	right = secret_eq(proof, v.proof, sizeof proof);
	if (right)
		memcpy(ret_base_key, key, sizeof key);
	secret_wipe(owf, sizeof owf);
	secret_wipe(proof, sizeof proof);
	secret_wipe(key, sizeof key);
	return right ? STATUS_SUCCESS : STATUS_WRONG_PASSWORD;
}

static void
rc4_once(struct span key, const uint8_t *src, uint8_t *dst, size_t n)
{
	struct rc4 c;

	rc4_init(&c, key);
	rc4_apply(&c, src, dst, n);
	secret_wipe(&c, sizeof c);
}

void
ntlm_key_wrap(const uint8_t base[NTLM_KEY_SIZE], const uint8_t key[NTLM_KEY_SIZE],
	      uint8_t ret[NTLM_KEY_SIZE])
{
	rc4_once(SPAN(base, NTLM_KEY_SIZE), key, ret, NTLM_KEY_SIZE);
}

nt
ntlm_exported_key(uint32_t flags, const uint8_t base[NTLM_KEY_SIZE], struct span encrypted,
		  uint8_t ret[NTLM_KEY_SIZE])
{
	if (!(flags & NTLM_KEY_EXCH) || !(flags & (NTLM_SIGN | NTLM_SEAL))) {
		memcpy(ret, base, NTLM_KEY_SIZE);
		return STATUS_SUCCESS;
	}
	REQUIRE(encrypted.n == NTLM_KEY_SIZE, STATUS_INVALID_PARAMETER);
	rc4_once(SPAN(base, NTLM_KEY_SIZE), encrypted.p, ret, NTLM_KEY_SIZE);
	return STATUS_SUCCESS;
}

nt
ntlm_mic(const uint8_t exported[NTLM_KEY_SIZE], struct span negotiate, struct span challenge,
	 struct span authenticate, uint8_t ret[NTLM_KEY_SIZE])
{
	static const uint8_t zero[NTLM_MIC_SIZE];
	struct rd r = rd_init(authenticate);
	struct span parts[5];

	parts[0] = negotiate;
	parts[1] = challenge;
	parts[2] = rd_bytes(&r, NTLM_MIC_OFFSET);
	parts[3] = SPAN(zero, sizeof zero);
	rd_zero(&r, NTLM_MIC_SIZE);
	parts[4] = rd_rest(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	hmac_md5(exported, parts, NELEM(parts), ret);
	return STATUS_SUCCESS;
}

static const struct {
	const char *sign, *seal;
} magic[] = {
	[NTLM_CLIENT] = { "session key to client-to-server signing key magic constant",
			  "session key to client-to-server sealing key magic constant" },
	[NTLM_SERVER] = { "session key to server-to-client signing key magic constant",
			  "session key to server-to-client sealing key magic constant" },
};

/* Weaker negotiated strengths seal with fewer bytes of the key, 3.4.5.3. */
static size_t
seal_strength(uint32_t flags)
{
	return flags & NTLM_128 ? 16 : flags & NTLM_56 ? 7 : 5;
}

void
ntlm_signature(uint32_t flags, const uint8_t exported[NTLM_KEY_SIZE], enum ntlm_side sender,
	       uint32_t seq, struct span msg, uint8_t ret[NTLM_SIGNATURE_SIZE])
{
	uint8_t key[NTLM_KEY_SIZE], sum[NTLM_KEY_SIZE], seq_le[4];
	struct wr w	    = wr_init(ret, NTLM_SIGNATURE_SIZE);
	struct wr sw	    = wr_init(seq_le, sizeof seq_le);
	struct span parts[] = { SPAN(seq_le, sizeof seq_le), msg };

	wr_u32(&sw, seq);
	md5_derive(exported, NTLM_KEY_SIZE, magic[sender].sign, key);
	hmac_md5(key, parts, NELEM(parts), sum);
	if (flags & NTLM_KEY_EXCH) {
		md5_derive(exported, seal_strength(flags), magic[sender].seal, key);
		rc4_once(SPAN(key, sizeof key), sum, sum, 8);
	}
	wr_u32(&w, 1); /* Version, 2.2.2.9.2 */
	wr_bytes(&w, sum, 8);
	wr_u32(&w, seq);
	secret_wipe(key, sizeof key);
}
