/*
 * verify.h - is this NTLM AUTHENTICATE message what it claims to be?
 *
 * Pure: fields and raw messages in, a verdict out; no accounts, links, clock or
 * policy.  [MS-NLMP] 3.2.5.1.2, 3.3.2
 */
#ifndef AUTHD_STORE_VERIFY_H
#define AUTHD_STORE_VERIFY_H

#include "ipc/msg/authd.msg.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/auth/ntlmssp.h"

/*
 * Why not.  For the log only: the client hears STATUS_LOGON_FAILURE whatever it
 * was, but for MALFORMED, which says nothing of any account.
 */
/* clang-format off */
#define VERIFY_REASONS(R)                                                         \
	R(OK,             "verified")                                             \
	R(NOT_NTLMV2,     "the response is not NTLMv2")                           \
	R(WRONG_PROOF,    "wrong password or unknown user")                       \
	R(MALFORMED,      "the response is malformed")                            \
	R(PAIRS_CHANGED,  "the target information came back changed")             \
	R(CLOCK,          "the client's time stamp is more than 36 hours away")   \
	R(NO_MIC,         "a MIC was announced and is missing")                   \
	R(WRONG_MIC,      "wrong MIC: somebody changed a message on the way")     \
	R(NO_SESSION_KEY, "the exchanged session key is malformed")               \
	R(WRONG_LIST_MIC, "wrong mechListMIC: somebody changed the mechanism list")
/* clang-format on */

#define VERIFY_ENUM(name, sentence) VERIFY_##name,
enum verify_reason { VERIFY_REASONS(VERIFY_ENUM) VERIFY_MAX };
#undef VERIFY_ENUM

/* What the server said in its CHALLENGE. */
struct challenge {
	uint8_t nonce[NTLM_CHALLENGE_SIZE];
	uint32_t flags;
	struct span target_info;
};

/* Whom the client says it meant, in pairs that its proof covers. */
struct aim {
	bool bound; /* to a channel beneath: MsvAvChannelBindings is there and not zero */
	bool named; /* MsvAvTargetName is there and not empty */
	bool legible;
	char target[NAME_BOUND + 1]; /* "cifs/server", if legible */
};

struct verdict {
	enum verify_reason reason;
	struct aim aim; /* of an NTLMv2 response that is right */
	uint8_t key[NTLM_KEY_SIZE]; /* ExportedSessionKey, the caller's to wipe */
	bool has_mic;		    /* a mechListMIC of ours is due */
	uint8_t mic[NTLM_SIGNATURE_SIZE];
};

const char *verify_reason_text(enum verify_reason) MUST_USE;

/*
 * now: FILETIME.  Does the same work up to and including the proof for every
 * hash, so that a caller without an account passes a random one.
 */
void verify_ntlm(const struct auth_ntlm_finish_req *, const struct challenge *,
		 const uint8_t hash[NTLM_KEY_SIZE], uint64_t now, struct verdict *ret);

/* The same, where a controller has checked the proof and says what base key follows from it. */
void verify_ntlm_base(const struct auth_ntlm_finish_req *, const struct challenge *,
		      const uint8_t base[NTLM_KEY_SIZE], uint64_t now, struct verdict *ret);

/* No user name and no response: the client asks to be nobody.  3.2.5.1.2 */
bool verify_is_anonymous(const struct auth_ntlm_finish_req *) MUST_USE;
/* The keys of a session that proves nothing: the base key is zero.  3.3.2 */
void verify_anonymous(const struct auth_ntlm_finish_req *, const struct challenge *,
		      struct verdict *ret);

#endif
