/*
 * ntlmssp.h - the three NTLM messages, AV pairs and the NTLMv2 response: bytes
 * to structs and back.  Not for: keys and proofs (ntlm_crypto.h), or policy.
 * [MS-NLMP] 2.2
 */
#ifndef PROTO_AUTH_NTLMSSP_H
#define PROTO_AUTH_NTLMSSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

enum ntlm_type { NTLM_NEGOTIATE = 1, NTLM_CHALLENGE = 2, NTLM_AUTHENTICATE = 3 };

/* NegotiateFlags, 2.2.2.5; the spec's names without NTLMSSP_NEGOTIATE_. */
#define NTLM_UNICODE                 (1u << 0)
#define NTLM_OEM                     (1u << 1)
#define NTLM_REQUEST_TARGET          (1u << 2)
#define NTLM_SIGN                    (1u << 4)
#define NTLM_SEAL                    (1u << 5)
#define NTLM_LM_KEY                  (1u << 7)
#define NTLM_NTLM                    (1u << 9)
#define NTLM_ANONYMOUS               (1u << 11)
#define NTLM_OEM_DOMAIN_SUPPLIED     (1u << 12)
#define NTLM_OEM_WORKSTATION_SUPPLIED (1u << 13)
#define NTLM_ALWAYS_SIGN             (1u << 15)
#define NTLM_TARGET_TYPE_DOMAIN      (1u << 16)
#define NTLM_TARGET_TYPE_SERVER      (1u << 17)
#define NTLM_EXTENDED_SESSIONSECURITY (1u << 19)
#define NTLM_TARGET_INFO             (1u << 23)
#define NTLM_VERSION                 (1u << 25)
#define NTLM_128                     (1u << 29)
#define NTLM_KEY_EXCH                (1u << 30)
#define NTLM_56                      (1u << 31)

/* AvId, 2.2.2.1. */
enum ntlm_av_id {
	NTLM_AV_EOL,
	NTLM_AV_NB_COMPUTER,
	NTLM_AV_NB_DOMAIN,
	NTLM_AV_DNS_COMPUTER,
	NTLM_AV_DNS_DOMAIN,
	NTLM_AV_DNS_TREE,
	NTLM_AV_FLAGS,
	NTLM_AV_TIMESTAMP,
	NTLM_AV_SINGLE_HOST,
	NTLM_AV_TARGET_NAME,
	NTLM_AV_CHANNEL_BINDINGS
};
#define NTLM_AV_FLAG_MIC (1u << 1) /* the AUTHENTICATE message carries a MIC */

#define NTLM_CHALLENGE_SIZE 8
#define NTLM_MIC_SIZE       16
#define NTLM_MIC_OFFSET     72 /* in an AUTHENTICATE message whose payload starts at 88 or later */
#define NTLM_PROOF_SIZE     16

struct ntlm_version { /* 2.2.2.10 */
	uint8_t major, minor;
	uint16_t build;
	uint8_t revision;
};

struct ntlm_negotiate { /* 2.2.1.1 */
	uint32_t flags;
	struct span domain, workstation; /* OEM, only if supplied */
	bool has_version;
	struct ntlm_version version;
};

struct ntlm_challenge { /* 2.2.1.2 */
	uint32_t flags;
	uint8_t server_challenge[NTLM_CHALLENGE_SIZE];
	struct span target_name; /* as sent; UTF-16LE if flags say UNICODE */
	struct span target_info; /* AV pairs; checked to be well formed */
	bool has_version;
	struct ntlm_version version;
};

struct ntlm_authenticate { /* 2.2.1.3 */
	uint32_t flags;
	struct span lm_response, nt_response;
	struct span domain, user, workstation; /* as sent; UTF-16LE if flags say UNICODE */
	struct span session_key;		 /* EncryptedRandomSessionKey */
	bool has_version, has_mic; /* has_mic: there is room for one before the payload */
	struct ntlm_version version;
	uint8_t mic[NTLM_MIC_SIZE];
};

struct ntlm_av {
	uint16_t id;
	struct span value;
};

/* The NTLMv2_RESPONSE of nt_response, 2.2.2.7 and 2.2.2.8. */
struct ntlm_v2_response {
	uint8_t proof[NTLM_PROOF_SIZE];
	struct span blob; /* everything after the proof: what the proof covers */
	uint64_t timestamp;
	uint8_t client_challenge[NTLM_CHALLENGE_SIZE];
	struct span av;	   /* checked to be well formed */
	uint32_t av_flags; /* 0 if there is no such pair */
};

/* The type of a message that starts with the signature; false if it does not. */
bool ntlm_type(struct span msg, enum ntlm_type *ret) MUST_USE;

/* Results borrow from msg.  All refusals are STATUS_INVALID_PARAMETER. */
nt ntlm_negotiate_decode(struct span msg, struct ntlm_negotiate *ret) MUST_USE;
nt ntlm_challenge_decode(struct span msg, struct ntlm_challenge *ret) MUST_USE;
nt ntlm_authenticate_decode(struct span msg, struct ntlm_authenticate *ret) MUST_USE;
/* Refuses what is no NTLMv2 response: a 24-byte one is NTLMv1. */
nt ntlm_v2_response_decode(struct span nt_response, struct ntlm_v2_response *ret) MUST_USE;

/* Encoders append a whole message to w; offsets count from where it starts. */
void ntlm_negotiate_encode(struct wr *w, const struct ntlm_negotiate *);
void ntlm_challenge_encode(struct wr *w, const struct ntlm_challenge *);
/* With has_mic the MIC field is written as it stands in the struct (zero it first). */
void ntlm_authenticate_encode(struct wr *w, const struct ntlm_authenticate *);
/* The blob of an NTLMv2 response, 2.2.2.7; av must end in EOL. */
void ntlm_v2_blob_encode(struct wr *w, uint64_t timestamp, const uint8_t client_challenge[8],
			 struct span av);

/* Walks pairs; false at EOL or when r is bad.  ntlm_av_check() tells which beforehand. */
bool ntlm_av_next(struct rd *r, struct ntlm_av *ret) MUST_USE;
/* Well formed up to an EOL?  Bytes after it are allowed (Windows pads). */
bool ntlm_av_check(struct span list) MUST_USE;
bool ntlm_av_find(struct span list, uint16_t id, struct span *ret) MUST_USE;
/*
 * Does every pair of the challenge come back unchanged in the response?  The
 * client may add pairs; AV_FLAGS may gain bits.  3.2.5.1.2
 */
bool ntlm_av_returned(struct span sent, struct span received) MUST_USE;
void wr_ntlm_av(struct wr *w, uint16_t id, struct span value);
void wr_ntlm_av_utf16(struct wr *w, uint16_t id, const char *utf8);
void wr_ntlm_av_end(struct wr *w);

#endif
