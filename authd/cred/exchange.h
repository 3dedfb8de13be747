/*
 * exchange.h - logons of session processes that are under way.
 *
 * Bounded per peer and in total, the oldest making room; each lives 60 s and
 * is good for the peer that began it only.
 */
#ifndef AUTHD_CRED_EXCHANGE_H
#define AUTHD_CRED_EXCHANGE_H

#include <sys/queue.h>

#include "authd/cred/handshake.h"
#include "ipc/types.h"
#include "proto/auth/ntlm_client.h"

#define EXCHANGE_LIFE_MS   60000u
#define EXCHANGES_PER_PEER 32u

enum exchange_state {
	EXCHANGE_NTLM_BEGUN,	/* NEGOTIATE given */
	EXCHANGE_NTLM_ANSWERED, /* AUTHENTICATE given: the server's mechListMIC may come */
	EXCHANGE_KRB_BEGUN,	/* AP-REQ given */
};

struct exchange {
	LIST_ENTRY(exchange) chain;
	TAILQ_ENTRY(exchange) age;
	uint64_t id, peer, login;
	uint64_t made_ms;
	enum exchange_state state;
	char workstation[NAME_BOUND + 1];
	struct ntlm_client_keys keys;
	struct handshake *handshake;
};

struct exchanges;

struct exchanges *exchanges_new(uint32_t max);
void exchanges_drop(struct exchanges *);

/* A new one, in the table, which owns it; the peer's or the table's oldest may go for it. */
struct exchange *exchange_begin(struct exchanges *, uint64_t peer, uint64_t now_ms);
/* NULL if unknown, expired, another peer's, or not in that state. */
struct exchange *exchange_find(struct exchanges *, uint64_t id, uint64_t peer, enum exchange_state,
			       uint64_t now_ms);
/* In whatever state. */
struct exchange *exchange_find_any(struct exchanges *, uint64_t id, uint64_t peer);
void exchange_end(struct exchanges *, struct exchange *);
/* The peer is gone, and so are its exchanges; the same for a login. */
void exchanges_forget_peer(struct exchanges *, uint64_t peer);
void exchanges_forget_login(struct exchanges *, uint64_t login);
void exchanges_expire(struct exchanges *, uint64_t now_ms);
uint32_t exchanges_count(const struct exchanges *);

#endif
