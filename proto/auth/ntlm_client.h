/*
 * ntlm_client.h - the initiator's half of NTLM: NEGOTIATE, and the AUTHENTICATE
 * that answers a CHALLENGE, with NTLMv2 proof, session key and MIC.  Knows no
 * NTLMv1 and no LM.  Not for: who may log on with what.  [MS-NLMP] 3.1.5.1
 */
#ifndef PROTO_AUTH_NTLM_CLIENT_H
#define PROTO_AUTH_NTLM_CLIENT_H

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/auth/ntlmssp.h"

/* What we ask for; the server may take away but not add. */
#define NTLM_CLIENT_FLAGS                                                                          \
	(NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |           \
	 NTLM_EXTENDED_SESSIONSECURITY | NTLM_TARGET_INFO | NTLM_VERSION | NTLM_128 |              \
	 NTLM_KEY_EXCH | NTLM_56)

#define NTLM_NEGOTIATE_ROOM    64u
#define NTLM_AUTHENTICATE_ROOM 16384u /* holds the answer to any target_info of 4 KiB */

struct ntlm_client {
	const uint8_t *hash;		  /* NTLM_KEY_SIZE bytes; NULL: anonymous */
	const char *user, *domain;	  /* UTF-8; not looked at when anonymous */
	const char *workstation, *target; /* "" for none; target: the SPN, for MsvAvTargetName */
	uint32_t flags;			  /* of the CHALLENGE */
	uint8_t server_challenge[NTLM_CHALLENGE_SIZE];
	struct span target_info;	  /* of the CHALLENGE, unchecked */
	struct span negotiate, challenge; /* raw, for the MIC */
	uint64_t now;			  /* FILETIME, where the server names none */
	uint8_t client_challenge[NTLM_CHALLENGE_SIZE];
	uint8_t random_key[NTLM_KEY_SIZE]; /* becomes the session key where KEY_EXCH is agreed */
};

struct ntlm_client_keys {
	uint32_t flags; /* as agreed */
	uint8_t exported[NTLM_KEY_SIZE];
};

void ntlm_client_negotiate(struct wr *w);
/*
 * Appends the AUTHENTICATE message.  STATUS_INVALID_NETWORK_RESPONSE: a challenge that cannot be
 * answered safely (no Unicode, no extended session security, target information malformed or
 * without the server's names).  STATUS_INVALID_PARAMETER: a name that is too long.
 */
nt ntlm_client_answer(const struct ntlm_client *, struct wr *w,
		      struct ntlm_client_keys *ret) MUST_USE;

/* mechListMIC of ours, and the check of the server's.  False: not its signature. */
void ntlm_client_sign(const struct ntlm_client_keys *, struct span mech_list,
		      uint8_t ret[NTLM_SIGNATURE_SIZE]);
bool ntlm_client_check(const struct ntlm_client_keys *, struct span mech_list,
		       struct span mic) MUST_USE;

#endif
