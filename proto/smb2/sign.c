/*
 * sign.c - message signatures.  [MS-SMB2] 3.1.4.1, 3.1.5.1
 */
#include "proto/smb2/sign.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "proto/smb2/algs.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"

#define SIGNATURE_SIZE	16
#define GMAC_NONCE_SIZE 12
#define MAC_MAX		32 /* HMAC-SHA256 before it is cut */

struct smb2_signer {
	EVP_MAC_CTX *mac;    /* HMAC and CMAC */
	EVP_CIPHER_CTX *gcm; /* GMAC is GCM that encrypts nothing */
};

static bool
gcm_open(EVP_CIPHER_CTX *ctx, const uint8_t key[16])
{
	const EVP_CIPHER *gcm = algs()->cipher[SMB2_CIPHER_AES128_GCM];

	return EVP_EncryptInit_ex2(ctx, gcm, key, NULL, NULL) != 0;
}

nt
smb2_signer_new(uint16_t alg, const uint8_t key[16], struct smb2_signer **ret)
{
	struct smb2_signer *s;
	bool ok = false;

	REQUIRE(alg <= SMB2_SIGN_AES_GMAC, STATUS_NOT_SUPPORTED);
	s = xcalloc(1, sizeof *s);
	if (alg == SMB2_SIGN_AES_GMAC) {
		s->gcm = EVP_CIPHER_CTX_new();
		ok     = s->gcm && gcm_open(s->gcm, key);
	} else {
		s->mac = EVP_MAC_CTX_dup(alg == SMB2_SIGN_AES_CMAC ? algs()->cmac_aes128
								   : algs()->hmac_sha256);
		ok     = s->mac && EVP_MAC_init(s->mac, key, 16, NULL);
	}
	if (!ok) {
		smb2_signer_drop(s);
		return STATUS_INTERNAL_ERROR;
	}
	*ret = s;
	return STATUS_SUCCESS;
}

void
smb2_signer_drop(struct smb2_signer *s)
{
	if (!s)
		return;
	EVP_MAC_CTX_free(s->mac);
	EVP_CIPHER_CTX_free(s->gcm);
	free(s);
}

uint16_t
smb2_sign_default(uint16_t dialect)
{
	return dialect < SMB2_DIALECT_300 ? SMB2_SIGN_HMAC_SHA256 : SMB2_SIGN_AES_CMAC;
}

static bool
feed(struct smb2_signer *s, const void *p, size_t n)
{
	int out;

	if (n == 0)
		return true;
	if (s->mac)
		return EVP_MAC_update(s->mac, p, n) != 0;
	return n <= INT32_MAX && EVP_EncryptUpdate(s->gcm, NULL, &out, p, (int)n);
}

/* 3.1.4.1: MessageId, then a word with the sender's role and "this is a CANCEL". */
static void
gmac_nonce(const struct smb2_hdr *h, uint8_t ret[GMAC_NONCE_SIZE])
{
	struct wr w	 = wr_init(ret, GMAC_NONCE_SIZE);
	bool from_server = (h->flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
	bool is_cancel	 = h->command == SMB2_CMD_cancel && !from_server;

	wr_u64(&w, h->message_id);
	wr_u32(&w, (from_server ? 1u : 0u) | (is_cancel ? 2u : 0u));
}

/* The keyed context starts over without being keyed again. */
static bool
restart(struct smb2_signer *s, const struct smb2_hdr *h)
{
	uint8_t nonce[GMAC_NONCE_SIZE];

	if (s->mac)
		return EVP_MAC_init(s->mac, NULL, 0, NULL) != 0;
	gmac_nonce(h, nonce);
	return EVP_EncryptInit_ex2(s->gcm, NULL, NULL, nonce, NULL) != 0;
}

static bool
finish(struct smb2_signer *s, uint8_t ret[SIGNATURE_SIZE])
{
	uint8_t mac[MAC_MAX];
	size_t n = 0;
	int out;

	if (s->mac) {
		if (!EVP_MAC_final(s->mac, mac, &n, sizeof mac) || n < SIGNATURE_SIZE)
			return false;
		memcpy(ret, mac, SIGNATURE_SIZE);
		return true;
	}
	return EVP_EncryptFinal_ex(s->gcm, mac, &out) &&
	       EVP_CIPHER_CTX_ctrl(s->gcm, EVP_CTRL_AEAD_GET_TAG, SIGNATURE_SIZE, ret);
}

/* The header goes in as a copy whose Signature is zero; the caller's bytes stay. */
static nt
compute(struct smb2_signer *s, const struct iovec *iov, size_t n, uint8_t ret[SIGNATURE_SIZE])
{
	uint8_t head[SMB2_HDR_SIZE];
	struct rd r = rd_init(SPAN(head, sizeof head));
	struct smb2_hdr h;
	bool ok;

	REQUIRE(n > 0 && iov[0].iov_len >= SMB2_HDR_SIZE, STATUS_INVALID_PARAMETER);
	memcpy(head, iov[0].iov_base, sizeof head);
	TRY(smb2_hdr_decode(&r, &h));
	memset(head + SMB2_HDR_AT_SIGNATURE, 0, SIGNATURE_SIZE);
	ok = restart(s, &h) && feed(s, head, sizeof head) &&
	     feed(s, (const uint8_t *)iov[0].iov_base + sizeof head, iov[0].iov_len - sizeof head);
	for (size_t i = 1; ok && i < n; i++)
		ok = feed(s, iov[i].iov_base, iov[i].iov_len);
	REQUIRE(ok && finish(s, ret), STATUS_INTERNAL_ERROR);
	return STATUS_SUCCESS;
}

nt
smb2_sign(struct smb2_signer *s, const struct iovec *iov, size_t n)
{
	uint8_t sig[SIGNATURE_SIZE];

	TRY(compute(s, iov, n, sig));
	memcpy((uint8_t *)iov[0].iov_base + SMB2_HDR_AT_SIGNATURE, sig, sizeof sig);
	return STATUS_SUCCESS;
}

nt
smb2_verify(struct smb2_signer *s, const struct iovec *iov, size_t n)
{
	uint8_t sig[SIGNATURE_SIZE];

	TRY(compute(s, iov, n, sig));
	REQUIRE(
	    secret_eq((const uint8_t *)iov[0].iov_base + SMB2_HDR_AT_SIGNATURE, sig, sizeof sig),
	    STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}
