/*
 * kdf.c - SP800-108 in counter mode, and the keys it makes.
 * [MS-SMB2] 3.1.4.2, 3.3.5.5.3
 */
#include "proto/smb2/kdf.h"

#include "base/secret.h"
#include "proto/smb2/algs.h"
#include "proto/smb2/seal.h"

#define SESSION_KEY_SIZE 16
#define HMAC_SIZE	 32

static nt
hmac(struct span key, struct span msg, uint8_t ret[HMAC_SIZE])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(algs()->hmac_sha256);
	size_t n	 = 0;
	bool ok;

	ok = ctx && EVP_MAC_init(ctx, key.p, key.n, NULL) && EVP_MAC_update(ctx, msg.p, msg.n) &&
	     EVP_MAC_final(ctx, ret, &n, HMAC_SIZE);
	EVP_MAC_CTX_free(ctx);
	REQUIRE(ok && n == HMAC_SIZE, STATUS_INTERNAL_ERROR);
	return STATUS_SUCCESS;
}

/* One round does: L is at most the 256 bits that HMAC-SHA256 gives. */
nt
smb2_kdf(struct span key, struct span label, struct span context, uint8_t *ret, size_t ret_len)
{
	uint8_t input[128], out[HMAC_SIZE];
	struct wr w = wr_init(input, sizeof input);
	nt status;

	REQUIRE(ret_len == 16 || ret_len == 32, STATUS_INVALID_PARAMETER);
	wr_u32be(&w, 1);
	wr_span(&w, label);
	wr_u8(&w, 0);
	wr_span(&w, context);
	wr_u32be(&w, (uint32_t)ret_len * 8);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	status = hmac(key, wr_done(&w), out);
	if (nt_ok(status))
		memcpy(ret, out, ret_len);
	secret_wipe(out, sizeof out);
	return status;
}

/* Label and context, each with the terminator that counts; a 3.1.1 context is the hash. */
struct purpose {
	struct span label;
	struct span context;
};

/* clang-format off */
#define TEXT(s) { (const uint8_t *)(s), sizeof(s) }
/* clang-format on */

enum { SIGN, APP, IN, OUT, PURPOSES };

static const struct purpose purposes_30[PURPOSES] = {
	[SIGN] = { TEXT("SMB2AESCMAC"), TEXT("SmbSign") },
	[APP]  = { TEXT("SMB2APP"), TEXT("SmbRpc") },
	[IN]   = { TEXT("SMB2AESCCM"), TEXT("ServerIn ") },
	[OUT]  = { TEXT("SMB2AESCCM"), TEXT("ServerOut") },
};

static const struct purpose purposes_311[PURPOSES] = {
	[SIGN] = { .label = TEXT("SMBSigningKey") },
	[APP]  = { .label = TEXT("SMBAppKey") },
	[IN]   = { .label = TEXT("SMBC2SCipherKey") },
	[OUT]  = { .label = TEXT("SMBS2CCipherKey") },
};

static nt
derive(struct span key, const struct purpose *p, const uint8_t preauth[64], uint8_t *ret,
       size_t ret_len)
{
	struct span context = p->context.n > 0 ? p->context : SPAN(preauth, 64);

	return smb2_kdf(key, p->label, context, ret, ret_len);
}

/* 3.3.5.5.3: 256-bit ciphers are keyed from the FullSessionKey, all else from 16 bytes. */
static nt
derive_all(const struct purpose *p, struct span key, struct span full_key,
	   const uint8_t preauth[64], struct smb2_keys *k)
{
	struct span cipher_key = k->cipher_key_len == 32 ? full_key : key;

	TRY(derive(key, &p[SIGN], preauth, k->signing, sizeof k->signing));
	TRY(derive(key, &p[APP], preauth, k->application, sizeof k->application));
	if (k->cipher_key_len == 0)
		return STATUS_SUCCESS;
	TRY(derive(cipher_key, &p[IN], preauth, k->server_in, k->cipher_key_len));
	return derive(cipher_key, &p[OUT], preauth, k->server_out, k->cipher_key_len);
}

nt
smb2_keys_derive(uint16_t dialect, uint16_t cipher, struct span session_key,
		 const uint8_t preauth[64], struct smb2_keys *ret)
{
	struct smb2_keys k	      = { 0 };
	uint8_t key[SESSION_KEY_SIZE] = { 0 };
	const struct purpose *p	      = dialect == SMB2_DIALECT_311 ? purposes_311 : purposes_30;
	nt status		      = STATUS_SUCCESS;

	REQUIRE(session_key.n > 0, STATUS_INVALID_PARAMETER);
	memcpy(key, session_key.p, session_key.n < sizeof key ? session_key.n : sizeof key);
	if (dialect < SMB2_DIALECT_300) {
		memcpy(k.signing, key, sizeof k.signing);
	} else {
		k.cipher_key_len = smb2_cipher_key_len(cipher);
		status		 = derive_all(p, SPAN(key, sizeof key), session_key, preauth, &k);
	}
	if (nt_ok(status))
		*ret = k;
	secret_wipe(&k, sizeof k);
	secret_wipe(key, sizeof key);
	return status;
}
