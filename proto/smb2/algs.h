/*
 * algs.h - the fetched algorithms.  Private to proto/smb2/.
 *
 * The one global of proto/: written by smb2_crypto_init(), then never again.
 * The MAC contexts are templates whose digest and cipher are set; they are
 * duplicated for each key, so that nothing is fetched later.
 */
#ifndef PROTO_SMB2_ALGS_H
#define PROTO_SMB2_ALGS_H

#include <openssl/evp.h>

#include "proto/smb2/const.h"

#define CIPHERS_MAX (SMB2_CIPHER_AES256_GCM + 1)

struct algs {
	EVP_MAC_CTX *hmac_sha256;
	EVP_MAC_CTX *cmac_aes128;
	EVP_MD *sha512;
	EVP_CIPHER *cipher[CIPHERS_MAX]; /* by SMB2_CIPHER_* */
};

/* Fatal before smb2_crypto_init(): that would be our own bug. */
const struct algs *algs(void);

#endif
