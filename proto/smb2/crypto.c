/*
 * crypto.c - fetches the algorithms once and tries each on a known answer.
 */
#include "proto/smb2/crypto.h"

#include <openssl/core_names.h>

#include "base/cursor.h"
#include "base/fatal.h"
#include "proto/smb2/algs.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"

static struct algs fetched;
static enum { NOT_YET, TESTING, READY } state; /* a failed test stays TESTING */

const struct algs *
algs(void)
{
	ENSURE(state != NOT_YET);
	return &fetched;
}

/*
 * A context of the MAC with its one parameter set; NULL if it does not exist.
 * It gets a key of zeros, for libcrypto copies no CMAC context that has none.
 */
static EVP_MAC_CTX *
mac_template(const char *mac_name, const char *param, char *value)
{
	static const uint8_t no_key[16];
	EVP_MAC *mac	    = EVP_MAC_fetch(NULL, mac_name, NULL);
	EVP_MAC_CTX *ctx    = mac ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(param, value, 0),
		OSSL_PARAM_construct_end(),
	};

	EVP_MAC_free(mac);
	if (ctx && !EVP_MAC_init(ctx, no_key, sizeof no_key, params)) {
		EVP_MAC_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static bool
fetch_all(struct algs *a)
{
	char sha256[] = "SHA256", aes128[] = "AES-128-CBC";

	a->hmac_sha256			  = mac_template("HMAC", OSSL_MAC_PARAM_DIGEST, sha256);
	a->cmac_aes128			  = mac_template("CMAC", OSSL_MAC_PARAM_CIPHER, aes128);
	a->sha512			  = EVP_MD_fetch(NULL, "SHA512", NULL);
	a->cipher[SMB2_CIPHER_AES128_CCM] = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
	a->cipher[SMB2_CIPHER_AES128_GCM] = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	a->cipher[SMB2_CIPHER_AES256_CCM] = EVP_CIPHER_fetch(NULL, "AES-256-CCM", NULL);
	a->cipher[SMB2_CIPHER_AES256_GCM] = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	for (int i = SMB2_CIPHER_AES128_CCM; i < CIPHERS_MAX; i++)
		if (!a->cipher[i])
			return false;
	return a->hmac_sha256 && a->cmac_aes128 && a->sha512;
}

/* RFC 4493 section 4: CMAC of no bytes under the key of its examples. */
static bool
cmac_works(void)
{
	static const uint8_t key[16]  = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
					  0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const uint8_t want[16] = { 0xbb, 0x1d, 0x69, 0x29, 0xe9, 0x59, 0x37, 0x28,
					  0x7f, 0xa3, 0x7d, 0x12, 0x9b, 0x75, 0x67, 0x46 };
	EVP_MAC_CTX *ctx	      = EVP_MAC_CTX_dup(fetched.cmac_aes128);
	uint8_t got[16];
	size_t n = 0;
	bool ok;

	ok = ctx && EVP_MAC_init(ctx, key, sizeof key, NULL) &&
	     EVP_MAC_final(ctx, got, &n, sizeof got) && n == sizeof got &&
	     memcmp(got, want, sizeof got) == 0;
	EVP_MAC_CTX_free(ctx);
	return ok;
}

/* Microsoft's published example of SMB 3.0 keys: tries HMAC-SHA256 as well. */
static bool
kdf_works(void)
{
	static const uint8_t key[16]  = { 0x7c, 0xd4, 0x51, 0x82, 0x5d, 0x04, 0x50, 0xd2,
					  0x35, 0x42, 0x4e, 0x44, 0xba, 0x6e, 0x78, 0xcc };
	static const uint8_t want[16] = { 0x0b, 0x7e, 0x9c, 0x5c, 0xac, 0x36, 0xc0, 0xf6,
					  0xea, 0x9a, 0xb2, 0x75, 0x29, 0x8c, 0xed, 0xce };
	uint8_t none[64]	      = { 0 };
	struct smb2_keys k;

	return nt_ok(smb2_keys_derive(SMB2_DIALECT_300, SMB2_CIPHER_AES128_CCM,
				      SPAN(key, sizeof key), none, &k)) &&
	       memcmp(k.signing, want, sizeof want) == 0;
}

/* SHA-512 of 64 zero bytes and "abc": the first step of a preauthentication hash. */
static bool
sha512_works(void)
{
	static const uint8_t want[8] = { 0x76, 0x82, 0xb6, 0xb8, 0x4c, 0x6f, 0x69, 0x25 };
	struct smb2_preauth p;

	smb2_preauth_init(&p);
	return nt_ok(smb2_preauth_update(&p, SPAN("abc", 3))) &&
	       memcmp(p.hash, want, sizeof want) == 0;
}

/* Seals, opens, and sees that a flipped bit does not open. */
static bool
cipher_works(uint16_t cipher)
{
	uint8_t key[32] = { 1 }, text[24] = "seven and twenty words", hdr[SMB2_TRANSFORM_SIZE];
	uint8_t copy[sizeof text];
	struct iovec iov = { text, sizeof text }, again = { copy, sizeof copy };
	struct smb2_sealer *out = NULL, *in = NULL;
	bool ok;

	ok = nt_ok(smb2_sealer_new(cipher, SMB2_SEAL, key, &out)) &&
	     nt_ok(smb2_sealer_new(cipher, SMB2_UNSEAL, key, &in)) &&
	     nt_ok(smb2_seal(out, 1, &iov, 1, hdr));
	memcpy(copy, text, sizeof copy);
	copy[0] ^= 1;
	ok = ok && nt_ok(smb2_unseal(in, hdr, &iov, 1)) && memcmp(text, "seven", 5) == 0 &&
	     nt_is(smb2_unseal(in, hdr, &again, 1), STATUS_ACCESS_DENIED);
	smb2_sealer_drop(out);
	smb2_sealer_drop(in);
	return ok;
}

static bool
all_work(void)
{
	for (uint16_t c = SMB2_CIPHER_AES128_CCM; c < CIPHERS_MAX; c++)
		if (!cipher_works(c))
			return false;
	return cmac_works() && kdf_works() && sha512_works();
}

nt
smb2_crypto_init(void)
{
	if (state == READY)
		return STATUS_SUCCESS;
	REQUIRE(state == NOT_YET && fetch_all(&fetched), STATUS_NOT_SUPPORTED);
	state = TESTING;
	REQUIRE(all_work(), STATUS_INTERNAL_ERROR);
	state = READY;
	return STATUS_SUCCESS;
}
