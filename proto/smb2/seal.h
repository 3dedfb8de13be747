/*
 * seal.h - encrypted messages: AES-128/256 in CCM and GCM.  One sealer per
 * session and direction, keyed once; not for two threads at a time.
 * [MS-SMB2] 3.1.4.3, 2.2.41
 */
#ifndef PROTO_SMB2_SEAL_H
#define PROTO_SMB2_SEAL_H

#include <sys/uio.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"
#include "proto/smb2/header.h"

struct smb2_sealer;

enum smb2_seal_dir {
	SMB2_SEAL,   /* encrypts */
	SMB2_UNSEAL, /* decrypts */
};

/* cipher: SMB2_CIPHER_*; key: smb2_cipher_key_len() bytes.  STATUS_NOT_SUPPORTED if unknown. */
nt smb2_sealer_new(uint16_t cipher, enum smb2_seal_dir, const uint8_t *key,
		   struct smb2_sealer **ret) MUST_USE;
void smb2_sealer_drop(struct smb2_sealer *); /* NULL is fine */

/*
 * Encrypts the pieces in place and writes the header to go before them.
 * Nonces count up from 0 and are never used twice: when they end the sealer
 * refuses with STATUS_INSUFFICIENT_RESOURCES and the connection must go.
 */
nt smb2_seal(struct smb2_sealer *, uint64_t session_id, const struct iovec *iov, size_t n,
	     uint8_t ret_hdr[SMB2_TRANSFORM_SIZE]) MUST_USE;
/* The same, but the ciphertext goes to dst (the pieces' total length); the pieces stay. */
nt smb2_seal_to(struct smb2_sealer *, uint64_t session_id, const struct iovec *iov, size_t n,
		uint8_t *dst, uint8_t ret_hdr[SMB2_TRANSFORM_SIZE]) MUST_USE;

/*
 * Decrypts in place.  hdr is the transform header as received, its magic and
 * flags checked by smb2_transform_decode().  STATUS_ACCESS_DENIED when the tag
 * does not fit, STATUS_INVALID_PARAMETER when the sizes differ; the pieces'
 * content is then of no meaning.
 */
nt smb2_unseal(struct smb2_sealer *, const uint8_t hdr[SMB2_TRANSFORM_SIZE],
	       const struct iovec *iov, size_t n) MUST_USE;

/* 16 or 32; 0 for no cipher that we know. */
size_t smb2_cipher_key_len(uint16_t cipher) MUST_USE;

#endif
