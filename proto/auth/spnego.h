/*
 * spnego.h - SPNEGO tokens, both sides: strict, bounded DER.  Not for: choosing
 * a mechanism or checking a MIC; this only says what stands in the token.
 * [RFC4178] 4.2, [MS-SPNG] 2.2.1
 */
#ifndef PROTO_AUTH_SPNEGO_H
#define PROTO_AUTH_SPNEGO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define SPNEGO_MECHS_MAX 8
#define SPNEGO_TOKEN_MAX 65536 /* of a whole token, and so of each part */

enum spnego_mech {
	SPNEGO_MECH_UNKNOWN, /* listed, but nothing we know */
	SPNEGO_MECH_NTLMSSP,
	SPNEGO_MECH_KRB5,
	SPNEGO_MECH_MS_KRB5, /* the same mechanism under Windows 2000's mistyped OID */
	SPNEGO_MECH_NEGOEX,
	SPNEGO_MECH_MAX
};

enum spnego_state { /* negState, [RFC4178] 4.2.2 */
	SPNEGO_ACCEPT_COMPLETED,
	SPNEGO_ACCEPT_INCOMPLETE,
	SPNEGO_REJECT,
	SPNEGO_REQUEST_MIC,
	SPNEGO_STATE_NONE /* absent: allowed in every token but the acceptor's first */
};

/* What a SESSION_SETUP buffer is, by its first bytes. */
enum spnego_kind {
	SPNEGO_KIND_UNKNOWN,
	SPNEGO_KIND_INIT,	/* 0x60 with the SPNEGO OID */
	SPNEGO_KIND_RESP,	/* 0xa1 */
	SPNEGO_KIND_NTLMSSP,	/* "NTLMSSP\0" without any wrapper */
	SPNEGO_KIND_KRB5	/* 0x60 with a Kerberos OID */
};

struct spnego_init {
	enum spnego_mech mechs[SPNEGO_MECHS_MAX];
	size_t mech_count;	/* at least 1 */
	struct span mech_list;	/* DER of MechTypeList as received: what mechListMIC covers */
	bool has_token, has_mic;
	struct span token;	/* mechToken, meant for mechs[0] */
	struct span mic;
};

struct spnego_resp {
	enum spnego_state state;
	bool has_mech, has_token, has_mic;
	enum spnego_mech mech;	/* supportedMech */
	struct span token;
	struct span mic;
};

enum spnego_kind spnego_classify(struct span token) MUST_USE;
const char *spnego_mech_name(enum spnego_mech) MUST_USE;
/* KRB5 and MS_KRB5 are one mechanism with two names. */
bool spnego_mech_same(enum spnego_mech, enum spnego_mech) MUST_USE;

/*
 * Decoders take the whole token; results borrow from it.  All refusals are
 * STATUS_INVALID_PARAMETER.  init_decode reads NegTokenInit and NegTokenInit2
 * (a server's hint in NEGOTIATE) alike.
 */
nt spnego_init_decode(struct span token, struct spnego_init *ret) MUST_USE;
nt spnego_resp_decode(struct span token, struct spnego_resp *ret) MUST_USE;

/* Encoders append to w, which goes bad if it is full.  mech_list is made from mechs[]. */
void spnego_init_encode(struct wr *w, const struct spnego_init *);
void spnego_resp_encode(struct wr *w, const struct spnego_resp *);
/* DER of MechTypeList alone, for an initiator's own mechListMIC. */
void spnego_mech_list_encode(struct wr *w, const enum spnego_mech *mechs, size_t n);
/* The NegTokenInit2 of a NEGOTIATE response, with the customary negHints. */
void spnego_hint_encode(struct wr *w, const enum spnego_mech *mechs, size_t n);

#endif
