/*
 * context.h - exchanges that wait for the client: NTLM between CHALLENGE and
 * AUTHENTICATE, Kerberos between its legs.
 *
 * Bounded per peer and in total, the oldest making room; each lives 30 s and is
 * good for one answer to the peer that began it.
 */
#ifndef AUTHD_STORE_CONTEXT_H
#define AUTHD_STORE_CONTEXT_H

#include "ipc/types.h"
#include "proto/auth/ntlmssp.h"

#define CONTEXT_LIFE_MS 30000u

struct context {
	uint64_t id;	  /* of a new logon: the session id to be */
	uint64_t session; /* re-authenticated or bound to; 0: a new logon */
	uint64_t peer;	  /* who may finish it */
	uint64_t made_ms;
	uint64_t timestamp; /* FILETIME in the target information */
	bool kerberos;	    /* else NTLM: neither finishes the other */
	uint64_t krb;	    /* the acceptor's number; 0: it has not been asked */
	uint32_t legs;
	uint32_t flags;	    /* as sent in the CHALLENGE */
	uint8_t nonce[NTLM_CHALLENGE_SIZE];
	struct net_addr client;
};

struct contexts;

struct contexts *contexts_new(uint32_t max);
void contexts_drop(struct contexts *);

/* A copy of c joins; at most per_peer of its peer stay (0: no such bound). */
void context_add(struct contexts *, const struct context *c, uint32_t per_peer);
bool context_exists(const struct contexts *, uint64_t id) MUST_USE;
/* Takes it out; STATUS_INVALID_PARAMETER if unknown, expired or another peer's. */
nt context_take(struct contexts *, uint64_t id, uint64_t peer, uint64_t now_ms,
		struct context *ret) MUST_USE;
/* The peer is gone, and so are its exchanges. */
void contexts_forget(struct contexts *, uint64_t peer);
uint32_t contexts_count(const struct contexts *);

#endif
