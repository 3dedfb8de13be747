/*
 * sign.h - signatures of messages: HMAC-SHA256, AES-128-CMAC, AES-128-GMAC.
 * One signer per session (or channel), keyed once, for both directions; not
 * for two threads at a time.  [MS-SMB2] 3.1.4.1, 3.1.5.1
 */
#ifndef PROTO_SMB2_SIGN_H
#define PROTO_SMB2_SIGN_H

#include <sys/uio.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

struct smb2_signer;

/* alg: SMB2_SIGN_*.  STATUS_NOT_SUPPORTED for an unknown one. */
nt smb2_signer_new(uint16_t alg, const uint8_t key[16], struct smb2_signer **ret) MUST_USE;
void smb2_signer_drop(struct smb2_signer *); /* NULL is fine */

/*
 * One element, header first and padding included; the whole header lies in
 * iov[0].  The signature goes into the header, nothing else changes: the
 * caller has set SMB2_FLAGS_SIGNED before.
 */
nt smb2_sign(struct smb2_signer *, const struct iovec *iov, size_t n) MUST_USE;
/* STATUS_ACCESS_DENIED if it does not fit.  Writes nothing; compares in constant time. */
nt smb2_verify(struct smb2_signer *, const struct iovec *iov, size_t n) MUST_USE;

/* The algorithm of a dialect in which none was negotiated. */
uint16_t smb2_sign_default(uint16_t dialect) MUST_USE;

#endif
