/*
 * crypto.h - the algorithms behind sign, seal, kdf and preauth: fetched from
 * libcrypto once, before the sandbox closes, and checked against known
 * answers.  No MD4, MD5 or RC4 here.
 */
#ifndef PROTO_SMB2_CRYPTO_H
#define PROTO_SMB2_CRYPTO_H

#include "base/nt.h"

/*
 * Before anything else of this folder's cryptography; calling it again is fine.
 * STATUS_NOT_SUPPORTED: libcrypto lacks an algorithm; STATUS_INTERNAL_ERROR: a
 * self-test failed.  Neither leaves anything usable.
 */
nt smb2_crypto_init(void) MUST_USE;

#endif
