/*
 * fuzz_smb2_transform.c - a frame that says it is encrypted.  Reaches
 * smb2_transform_decode and smb2_unseal under each cipher; and, as if the
 * frame were in clear, smb2_verify under each algorithm.  Nobody without the
 * key may pass.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/smb2/crypto.h"
#include "proto/smb2/header.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CIPHERS SMB2_CIPHER_AES256_GCM
#define SIGNERS (SMB2_SIGN_AES_GMAC + 1)

static struct smb2_sealer *sealers[CIPHERS];
static struct smb2_signer *signers[SIGNERS];

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
keys_open(void)
{
	static const uint8_t key[32] = "a key that no input can contain";

	require(nt_ok(smb2_crypto_init()));
	for (uint16_t i = 0; i < CIPHERS; i++)
		require(nt_ok(smb2_sealer_new((uint16_t)(i + 1), SMB2_UNSEAL, key, &sealers[i])));
	for (uint16_t i = 0; i < SIGNERS; i++)
		require(nt_ok(smb2_signer_new(i, key, &signers[i])));
}

static void
unseal(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(SPAN(data, size));
	size_t rest = size - SMB2_TRANSFORM_SIZE, half = rest / 2;
	uint8_t *p = malloc(rest + 1);
	struct smb2_transform t;
	bool framed;

	require(p != NULL);
	framed = nt_ok(smb2_transform_decode(&r, &t));
	for (int i = 0; i < CIPHERS; i++) {
		struct iovec iov[] = { { p, half }, { p + half, rest - half } };
		nt status;

		memcpy(p, data + SMB2_TRANSFORM_SIZE, rest);
		status = smb2_unseal(sealers[i], data, iov, 2);
		require(nt_failed(status));
		require(framed || nt_is(status, STATUS_INVALID_PARAMETER));
	}
	free(p);
}

static void
verify(const uint8_t *data, size_t size)
{
	uint8_t *p	 = malloc(size + 1);
	struct iovec iov = { p, size };

	require(p != NULL);
	memcpy(p, data, size);
	for (int i = 0; i < SIGNERS; i++)
		require(nt_failed(smb2_verify(signers[i], &iov, 1)));
	require(memcmp(p, data, size) == 0);
	free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!sealers[0])
		keys_open();
	if (size >= SMB2_TRANSFORM_SIZE)
		unseal(data, size);
	if (size > 0)
		verify(data, size);
	return 0;
}
