/*
 * ntlm_crypto.h - NTLMv2 keys, proofs, MICs and signatures.  Knows no NTLMv1
 * and no LM.  Keys are the caller's to wipe.  [MS-NLMP] 3.3.2, 3.4
 */
#ifndef PROTO_AUTH_NTLM_CRYPTO_H
#define PROTO_AUTH_NTLM_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define NTLM_KEY_SIZE       16
#define NTLM_SIGNATURE_SIZE 16

enum ntlm_side { NTLM_CLIENT, NTLM_SERVER };

/* NTOWFv1: MD4 of the password in UTF-16LE; at most 512 bytes.  STATUS_INVALID_PARAMETER. */
nt ntlm_hash(const char *password, uint8_t ret[NTLM_KEY_SIZE]) MUST_USE;
/* NTOWFv2, 3.3.2.  user and domain in UTF-16LE as sent, the same limit each. */
nt ntlm_owf_v2(const uint8_t hash[NTLM_KEY_SIZE], struct span user, struct span domain,
	       uint8_t ret[NTLM_KEY_SIZE]) MUST_USE;
/* NTProofStr over the server challenge and the response's blob. */
void ntlm_proof_v2(const uint8_t owf[NTLM_KEY_SIZE], const uint8_t server_challenge[8],
		   struct span blob, uint8_t ret[NTLM_KEY_SIZE]);
void ntlm_session_base_key(const uint8_t owf[NTLM_KEY_SIZE], const uint8_t proof[NTLM_KEY_SIZE],
			   uint8_t ret[NTLM_KEY_SIZE]);

/* Everything a verifier needs; spans in UTF-16LE as sent. */
struct ntlm_v2_check {
	const uint8_t *hash; /* NTLM_KEY_SIZE bytes */
	const uint8_t *server_challenge;
	struct span user, domain, nt_response;
};
/* STATUS_WRONG_PASSWORD, in the same time wherever the proof differs, or the session base key. */
nt ntlm_v2_verify(const struct ntlm_v2_check *, uint8_t ret_base_key[NTLM_KEY_SIZE]) MUST_USE;

/*
 * ExportedSessionKey: with KEY_EXCH (and SIGN or SEAL) the RC4-unwrapped
 * EncryptedRandomSessionKey, else the base key.  3.2.5.1.2
 */
nt ntlm_exported_key(uint32_t flags, const uint8_t base[NTLM_KEY_SIZE], struct span encrypted,
		     uint8_t ret[NTLM_KEY_SIZE]) MUST_USE;
/* The client's half: wraps its random key under the base key. */
void ntlm_key_wrap(const uint8_t base[NTLM_KEY_SIZE], const uint8_t key[NTLM_KEY_SIZE],
		   uint8_t ret[NTLM_KEY_SIZE]);

/* Over the three messages as sent, authenticate's MIC field taken as zero; too short is refused. */
nt ntlm_mic(const uint8_t exported[NTLM_KEY_SIZE], struct span negotiate, struct span challenge,
	    struct span authenticate, uint8_t ret[NTLM_KEY_SIZE]) MUST_USE;

/*
 * GSS_GetMIC of one message with sequence number seq, extended session security
 * (3.4.4.2).  Starts the sealing stream anew: right for the first message of a
 * direction only, which is what mechListMIC is.
 */
void ntlm_signature(uint32_t flags, const uint8_t exported[NTLM_KEY_SIZE], enum ntlm_side sender,
		    uint32_t seq, struct span msg, uint8_t ret[NTLM_SIGNATURE_SIZE]);

#endif
