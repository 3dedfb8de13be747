/*
 * keys.h - session keys that the user has, to read what is encrypted and to check
 * what is signed.  One line is SESSIONID:SESSIONKEY[:S2CKEY:C2SKEY] as tshark takes
 * it; commas do as well, and quotes, as in Wireshark's file smb2_seskey_list.
 */
#ifndef DISSECT_KEYS_H
#define DISSECT_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"
#include "dissect/stream.h"
#include "proto/smb2/preauth.h"

#define KEYS_MAX 64

struct key_bytes {
	uint8_t p[32];
	size_t n;	/* 0: not known */
};

struct session_key {
	uint64_t id;		/* SessionId */
	struct key_bytes session;
	struct key_bytes s2c, c2s;
};

/*
 * SESSIONID is sixteen hexadecimal digits, the bytes as on the wire, or a number
 * that starts with 0x.  False: not understood.
 */
bool session_key_parse(const char *line, struct session_key *ret) MUST_USE;

/* What negotiation settled; zeros where the capture does not show it. */
struct negotiated {
	uint16_t dialect, cipher, signing;
	bool signing_known;
};

struct keys;

struct keys *keys_new(void);
void keys_drop(struct keys *);	/* NULL is fine; wipes */
DEFINE_CLEANUP(struct keys, keys_drop)
/* False: there are KEYS_MAX already. */
bool keys_add(struct keys *, const struct session_key *) MUST_USE;

/* The session is set up: preauth is its hash (3.1.1).  Nothing if we have no key for it. */
void keys_derive(struct keys *, uint64_t id, const struct negotiated *,
		 const struct smb2_preauth *preauth);

enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_WRONG };

/* The signature of one element; VERDICT_NONE without a key to judge by. */
enum verdict keys_verify(struct keys *, uint64_t id, struct span element) MUST_USE;
/*
 * frame starts with a transform header; the message goes to dst, which has room
 * for it.  *ret_cipher: which it was.  Tries what is possible if side is unknown
 * or the negotiation was not seen.
 */
enum verdict keys_unseal(struct keys *, uint64_t id, enum stream_side sender, struct span frame,
			 uint8_t *dst, uint16_t *ret_cipher) MUST_USE;

#endif
