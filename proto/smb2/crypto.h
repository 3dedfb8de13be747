/*
 * crypto.h - the algorithms behind sign, seal, kdf and preauth: fetched from
 * libcrypto once, before the sandbox closes, and checked against known
 * answers.  No MD4, MD5 or RC4 here.
 *
 * The one global of proto/: a table of fetched algorithms that never changes
 * after smb2_crypto_init().
 */
#ifndef PROTO_SMB2_CRYPTO_H
#define PROTO_SMB2_CRYPTO_H

#include "base/nt.h"

/* STATUS_NOT_SUPPORTED: libcrypto lacks one; STATUS_INTERNAL_ERROR: a self-test failed. */
nt smb2_crypto_init(void) MUST_USE;

#endif
