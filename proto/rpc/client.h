/*
 * client.h - the client's end of one DCE/RPC association, over a pipe or TCP:
 * what to send comes out, what the server sent goes in, whole answers come out.
 * Pure: no descriptor, no clock; one call at a time.  Everything the server
 * says is hostile and bounded.  [C706] 12, [MS-RPCE] 3.3.2
 *
 *	rpc_client_init(c, &iface->syntax, NULL, room, sizeof room);
 *	rpc_client_bind(c, &w);                        send w
 *	rpc_client_feed(c, &bytes, &event)             until RPC_EVENT_BOUND
 *	rpc_client_call(c, &w, opnum, stub);           send w
 *	rpc_client_feed(c, &bytes, &event)             until _REPLY or _FAULT
 *	rpc_client_stub(c)                             valid until the next call
 */
#ifndef PROTO_RPC_CLIENT_H
#define PROTO_RPC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pdu.h"

/* A security provider that protects every request and response.  [MS-RPCE] 2.2.2.11 */
struct rpc_auth {
	uint8_t type, level;
	uint32_t context_id;
	struct span bind_token;	/* travels with the bind; borrowed */
	size_t token_size;	/* of each protected PDU */
	void *ctx;
	/* Encrypts body in place and writes token_size bytes. */
	nt (*seal)(void *ctx, uint8_t *body, size_t n, uint8_t *ret_token);
	/* Decrypts body in place; a failure if it is not what the other side sealed, in order. */
	nt (*unseal)(void *ctx, uint8_t *body, size_t n, struct span token);
};
#define RPC_AUTH_SCHANNEL      0x44
#define RPC_AUTH_LEVEL_PRIVACY 6

enum rpc_event {
	RPC_EVENT_NONE,		/* everything was taken, nothing is complete yet */
	RPC_EVENT_BOUND,
	RPC_EVENT_REPLY,
	RPC_EVENT_FAULT		/* c->fault says why; the association goes on */
};

enum rpc_client_state { RPC_CLIENT_FRESH, RPC_CLIENT_BINDING, RPC_CLIENT_IDLE, RPC_CLIENT_CALLING };

struct rpc_client {
	struct rpc_syntax abstract;
	const struct rpc_auth *auth;	/* NULL: none */
	enum rpc_client_state state;
	uint32_t call_id;
	uint32_t fault;
	uint16_t max_xmit;		/* what the server takes in one fragment */
	bool in_reply;			/* first fragment seen */
	uint8_t *room;			/* the caller's: holds the answer */
	size_t cap, stub_n;
	size_t frag_n;
	uint8_t frag[RPC_FRAG_MAX];
};

/* auth and room outlive the client.  A longer answer than cap bytes is refused. */
void rpc_client_init(struct rpc_client *, const struct rpc_syntax *, const struct rpc_auth *,
		     void *room, size_t cap);
/* Appends the bind. */
void rpc_client_bind(struct rpc_client *, struct wr *);
/* Appends the fragments of one request.  Only when bound and not waiting; else w goes bad. */
void rpc_client_call(struct rpc_client *, struct wr *, uint16_t opnum, struct span stub);
/*
 * Takes from *bytes up to the end of one PDU, however they were cut.
 * STATUS_NOT_SUPPORTED: the server refuses the interface or the bind;
 * STATUS_UNEXPECTED_NETWORK_ERROR: nonsense, or a broken seal: close it.
 */
nt rpc_client_feed(struct rpc_client *, struct span *bytes, enum rpc_event *ret) MUST_USE;
struct span rpc_client_stub(const struct rpc_client *);
/* An upper bound of what rpc_client_call() appends for n bytes of stub. */
size_t rpc_client_room(size_t n);

#endif
