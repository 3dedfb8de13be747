/*
 * seal.c - encrypted messages.  [MS-SMB2] 3.1.4.3, 3.3.5.2.1.1
 *
 * GCM runs over the pieces as they lie.  libcrypto's CCM wants the whole
 * message in one call, so several pieces are gathered: in dst if there is one,
 * else in a scratch buffer whose size does not depend on what a peer says.
 */
#include "proto/smb2/seal.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "proto/smb2/algs.h"
#include "proto/transport.h"

#define TAG_SIZE       16
#define AAD_AT	       20 /* the transform header from Nonce on */
#define GCM_NONCE_SIZE 12
#define CCM_NONCE_SIZE 11
#define SCRATCH_SIZE   ((size_t)TRANSPORT_LEN_MAX)

struct smb2_sealer {
	EVP_CIPHER_CTX *ctx;
	enum smb2_seal_dir dir;
	bool ccm;
	uint64_t next_nonce;
	bool spent;
	uint8_t *scratch;    /* CCM only, at the first need; pages come as touched */
	size_t scratch_used; /* what is to be wiped */
};

size_t
smb2_cipher_key_len(uint16_t cipher)
{
	if (cipher == SMB2_CIPHER_NONE || cipher >= CIPHERS_MAX)
		return 0;
	return cipher >= SMB2_CIPHER_AES256_CCM ? 32 : 16;
}

/* Nonce and tag sizes first, since the key schedule of CCM depends on them. */
static bool
ctx_open(struct smb2_sealer *s, const EVP_CIPHER *cipher, const uint8_t *key)
{
	int enc	      = s->dir == SMB2_SEAL;
	int nonce_len = s->ccm ? CCM_NONCE_SIZE : GCM_NONCE_SIZE;

	return s->ctx && EVP_CipherInit_ex2(s->ctx, cipher, NULL, NULL, enc, NULL) &&
	       EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_IVLEN, nonce_len, NULL) &&
	       (!s->ccm || EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, NULL)) &&
	       EVP_CipherInit_ex2(s->ctx, NULL, key, NULL, enc, NULL);
}

nt
smb2_sealer_new(uint16_t cipher, enum smb2_seal_dir dir, const uint8_t *key,
		struct smb2_sealer **ret)
{
	struct smb2_sealer *s;

	REQUIRE(smb2_cipher_key_len(cipher) > 0, STATUS_NOT_SUPPORTED);
	s      = xcalloc(1, sizeof *s);
	s->ctx = EVP_CIPHER_CTX_new();
	s->dir = dir;
	s->ccm = cipher == SMB2_CIPHER_AES128_CCM || cipher == SMB2_CIPHER_AES256_CCM;
	if (!ctx_open(s, algs()->cipher[cipher], key)) {
		smb2_sealer_drop(s);
		return STATUS_INTERNAL_ERROR;
	}
	*ret = s;
	return STATUS_SUCCESS;
}

void
smb2_sealer_drop(struct smb2_sealer *s)
{
	if (!s)
		return;
	EVP_CIPHER_CTX_free(s->ctx);
	if (s->scratch)
		secret_wipe(s->scratch, s->scratch_used);
	free(s->scratch);
	free(s);
}

static nt
total_of(const struct iovec *iov, size_t n, size_t *ret)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		REQUIRE(iov[i].iov_len <= TRANSPORT_LEN_MAX - total, STATUS_INVALID_PARAMETER);
		total += iov[i].iov_len;
	}
	REQUIRE(total > 0, STATUS_INVALID_PARAMETER);
	*ret = total;
	return STATUS_SUCCESS;
}

static void
gather(uint8_t *dst, const struct iovec *iov, size_t n)
{
	for (size_t i = 0; i < n; dst += iov[i++].iov_len)
		if (iov[i].iov_len > 0)
			memcpy(dst, iov[i].iov_base, iov[i].iov_len);
}

static void
scatter(const struct iovec *iov, size_t n, const uint8_t *src)
{
	for (size_t i = 0; i < n; src += iov[i++].iov_len)
		if (iov[i].iov_len > 0)
			memcpy(iov[i].iov_base, src, iov[i].iov_len);
}

/* Nonce, for CCM the total length, and the header from Nonce on as associated data. */
static bool
start(struct smb2_sealer *s, const uint8_t hdr[SMB2_TRANSFORM_SIZE], size_t total)
{
	const uint8_t *aad = hdr + AAD_AT;
	int out;

	return EVP_CipherInit_ex2(s->ctx, NULL, NULL, aad, -1, NULL) &&
	       (!s->ccm || EVP_CipherUpdate(s->ctx, NULL, &out, NULL, (int)total)) &&
	       EVP_CipherUpdate(s->ctx, NULL, &out, aad, SMB2_TRANSFORM_SIZE - AAD_AT);
}

/* dst NULL: each piece stays where it is. */
static bool
run_gcm(struct smb2_sealer *s, const struct iovec *iov, size_t n, uint8_t *dst)
{
	int out;

	for (size_t i = 0; i < n; i++) {
		uint8_t *to = dst ? dst : iov[i].iov_base;
		int len	    = (int)iov[i].iov_len;

		if (len > 0 && !EVP_CipherUpdate(s->ctx, to, &out, iov[i].iov_base, len))
			return false;
		if (dst)
			dst += iov[i].iov_len;
	}
	return true;
}

static bool
run_ccm(struct smb2_sealer *s, const struct iovec *iov, size_t n, uint8_t *dst, size_t total)
{
	bool scratch = !dst && n > 1;
	uint8_t *buf = dst ? dst : iov[0].iov_base;
	int out;

	if (scratch) {
		if (!s->scratch)
			s->scratch = xcalloc(1, SCRATCH_SIZE);
		if (total > s->scratch_used)
			s->scratch_used = total;
		buf = s->scratch;
	}
	if (buf != iov[0].iov_base)
		gather(buf, iov, n);
	if (!EVP_CipherUpdate(s->ctx, buf, &out, buf, (int)total))
		return false;
	if (scratch)
		scatter(iov, n, buf);
	return true;
}

static bool
run(struct smb2_sealer *s, const struct iovec *iov, size_t n, uint8_t *dst, size_t total)
{
	return s->ccm ? run_ccm(s, iov, n, dst, total) : run_gcm(s, iov, n, dst);
}

static bool
finish_seal(struct smb2_sealer *s, uint8_t ret_tag[TAG_SIZE])
{
	uint8_t none[TAG_SIZE];
	int out;

	return EVP_CipherFinal_ex(s->ctx, none, &out) &&
	       EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, ret_tag);
}

/* A counter never repeats; the value after the last one is refused for good. */
static nt
nonce_next(struct smb2_sealer *s, uint8_t ret[16])
{
	struct wr w = wr_init(ret, 16);

	REQUIRE(!s->spent, STATUS_INSUFFICIENT_RESOURCES);
	wr_u64(&w, s->next_nonce);
	wr_u64(&w, 0);
	s->spent = s->next_nonce == UINT64_MAX;
	s->next_nonce++;
	return STATUS_SUCCESS;
}

static nt
seal(struct smb2_sealer *s, uint64_t session_id, const struct iovec *iov, size_t n, uint8_t *dst,
     uint8_t ret_hdr[SMB2_TRANSFORM_SIZE])
{
	struct smb2_transform t = { .flags = SMB2_TRANSFORM_FLAG_ENCRYPTED };
	struct wr w		= wr_init(ret_hdr, SMB2_TRANSFORM_SIZE);
	size_t total;

	ENSURE(s->dir == SMB2_SEAL);
	TRY(total_of(iov, n, &total));
	TRY(nonce_next(s, t.nonce));
	t.original_size = (uint32_t)total;
	t.session_id	= session_id;
	smb2_transform_encode(&w, &t);
	REQUIRE(start(s, ret_hdr, total) && run(s, iov, n, dst, total) &&
		    finish_seal(s, ret_hdr + 4),
		STATUS_INTERNAL_ERROR);
	return STATUS_SUCCESS;
}

nt
smb2_seal(struct smb2_sealer *s, uint64_t session_id, const struct iovec *iov, size_t n,
	  uint8_t ret_hdr[SMB2_TRANSFORM_SIZE])
{
	return seal(s, session_id, iov, n, NULL, ret_hdr);
}

nt
smb2_seal_to(struct smb2_sealer *s, uint64_t session_id, const struct iovec *iov, size_t n,
	     uint8_t *dst, uint8_t ret_hdr[SMB2_TRANSFORM_SIZE])
{
	return seal(s, session_id, iov, n, dst, ret_hdr);
}

/* CCM checks the tag with the data, GCM at the end. */
nt
smb2_unseal(struct smb2_sealer *s, const uint8_t hdr[SMB2_TRANSFORM_SIZE], const struct iovec *iov,
	    size_t n)
{
	struct rd r = rd_init(SPAN(hdr, SMB2_TRANSFORM_SIZE));
	struct smb2_transform t;
	uint8_t none[TAG_SIZE];
	size_t total;
	int out;

	ENSURE(s->dir == SMB2_UNSEAL);
	TRY(smb2_transform_decode(&r, &t));
	TRY(total_of(iov, n, &total));
	REQUIRE(total == t.original_size, STATUS_INVALID_PARAMETER);
	REQUIRE(EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, t.signature) &&
		    start(s, hdr, total),
		STATUS_INTERNAL_ERROR);
	REQUIRE(run(s, iov, n, NULL, total), STATUS_ACCESS_DENIED);
	REQUIRE(s->ccm || EVP_CipherFinal_ex(s->ctx, none, &out), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}
