/*
 * kdf.h - the keys of a session or channel, from what authentication gave.
 * [MS-SMB2] 3.1.4.2, 3.3.5.5.3; [SP800-108] 5.1, counter mode, HMAC-SHA256
 */
#ifndef PROTO_SMB2_KDF_H
#define PROTO_SMB2_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

/* The primitive: ret_len is 16 or 32 and is also the L of the derivation. */
nt smb2_kdf(struct span key, struct span label, struct span context, uint8_t *ret,
	    size_t ret_len) MUST_USE;

struct smb2_keys {
	uint8_t signing[16];
	uint8_t application[16]; /* zero before 3.0 */
	uint8_t server_in[32];	 /* client to server: our "decryption", the client's "encryption" */
	uint8_t server_out[32];	 /* server to client */
	size_t cipher_key_len;	 /* 16 or 32; 0 if no cipher, then both are zero */
};

/*
 * session_key: what GSS or NTLM gave, at least one byte; the first 16 are the
 * SessionKey, shorter ones are padded with zeros, all of it counts for 256-bit
 * ciphers.  preauth: the session's hash for 3.1.1, else ignored.
 */
nt smb2_keys_derive(uint16_t dialect, uint16_t cipher, struct span session_key,
		    const uint8_t preauth[64], struct smb2_keys *ret) MUST_USE;

#endif
