/*
 * netlogon_crypto.h - the secure channel's keys, credentials and seals, with AES
 * alone: a controller that wants DES or RC4 is refused elsewhere.
 * [MS-NRPC] 3.1.4.3, 3.1.4.4, 3.3.4.2
 */
#ifndef PROTO_AUTH_NETLOGON_CRYPTO_H
#define PROTO_AUTH_NETLOGON_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define NETLOGON_KEY_SIZE	 16
#define NETLOGON_CHALLENGE_SIZE	 8
#define NETLOGON_CREDENTIAL_SIZE 8
#define NETLOGON_TOKEN_SIZE	 56 /* NL_AUTH_SHA2_SIGNATURE, 2.2.1.3.3 */

/* 3.1.4.3.1: from the machine account's NT hash.  The caller's to wipe. */
void netlogon_session_key(const uint8_t hash[16], const uint8_t client[NETLOGON_CHALLENGE_SIZE],
			  const uint8_t server[NETLOGON_CHALLENGE_SIZE],
			  uint8_t ret[NETLOGON_KEY_SIZE]);
/* 3.1.4.4.1 */
void netlogon_credential(const uint8_t key[NETLOGON_KEY_SIZE],
			 const uint8_t challenge[NETLOGON_CHALLENGE_SIZE],
			 uint8_t ret[NETLOGON_CREDENTIAL_SIZE]);

/*
 * Authenticators: every call proves the next link of a chain that begins with the
 * client's credential, and its answer the one behind that.  3.1.4.5
 */
struct netlogon_chain {
	uint8_t key[NETLOGON_KEY_SIZE], stored[NETLOGON_CREDENTIAL_SIZE];
};
void netlogon_chain_init(struct netlogon_chain *, const uint8_t key[NETLOGON_KEY_SIZE],
			 const uint8_t challenge[NETLOGON_CHALLENGE_SIZE]);
/* time is sent beside it. */
void netlogon_chain_next(struct netlogon_chain *, uint32_t time,
			 uint8_t ret[NETLOGON_CREDENTIAL_SIZE]);
/* False: whoever answered does not know the chain, which is over. */
bool netlogon_chain_check(struct netlogon_chain *,
			  const uint8_t returned[NETLOGON_CREDENTIAL_SIZE]) MUST_USE;

/* One association's state.  One number counts what goes either way.  3.3.1 */
struct netlogon_seal {
	uint8_t key[NETLOGON_KEY_SIZE];
	bool server; /* we are the acceptor: for tests */
	uint64_t number;
};
void netlogon_seal_init(struct netlogon_seal *, const uint8_t key[NETLOGON_KEY_SIZE]);

/* For struct rpc_auth: ctx is a struct netlogon_seal. */
nt netlogon_seal(void *ctx, uint8_t *body, size_t n, uint8_t *ret_token) MUST_USE;
/* STATUS_DATA_ERROR when it is not the other side's next message, unchanged. */
nt netlogon_unseal(void *ctx, uint8_t *body, size_t n, struct span token) MUST_USE;

/* NL_AUTH_MESSAGE for the bind: both names in NetBIOS form, ASCII.  2.2.1.3.1 */
void netlogon_bind_token(struct wr *, const char *domain, const char *computer);

#endif
