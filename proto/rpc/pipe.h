/*
 * pipe.h - one opened RPC pipe, server side: bytes written by the client go in,
 * whole calls come out, answers go in, bytes to be read come out.  Pure: the
 * owner answers a call at once or later, one at a time.  [MS-RPCE] 3.3.1.5
 *
 *	rpc_pipe_init(p, &srvsvc_iface, group);
 *	rpc_pipe_write(p, bytes);                   fails: the pipe is broken, close it
 *	while (rpc_pipe_call(p, &call))             a request is complete
 *		rpc_pipe_reply(p, stub) or rpc_pipe_fault(p, status), now or later;
 *	n = rpc_pipe_read(p, dst, cap, &more);      0: empty, wait or PIPE_EMPTY
 */
#ifndef PROTO_RPC_PIPE_H
#define PROTO_RPC_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pdu.h"

#define RPC_PIPE_IN_MAX  32768 /* stub bytes of one request; more: the pipe breaks */
#define RPC_PIPE_OUT_MAX 98304 /* bytes not yet read */
#define RPC_STUB_MAX     65536 /* of one response */

/* One operation of an interface, by opnum. */
struct rpc_op {
	uint16_t opnum;
	const char *name;
};

struct rpc_iface {
	const char *pipe; /* "srvsvc" */
	struct rpc_syntax syntax;
	const struct rpc_op *ops;
	size_t op_count;
};

struct rpc_call {
	const struct rpc_iface *iface;
	const struct rpc_op *op;
	struct span stub; /* valid until the answer */
};

enum rpc_pipe_state { RPC_PIPE_FRESH, RPC_PIPE_BOUND, RPC_PIPE_CALLED, RPC_PIPE_BROKEN };

struct rpc_pipe {
	const struct rpc_iface *iface;
	enum rpc_pipe_state state;
	uint32_t assoc_group;
	uint16_t max_xmit;			/* of our fragments */
	uint16_t contexts[RPC_CONTEXTS_MAX];	/* accepted ids */
	uint8_t context_count;
	bool in_request;			/* first fragment seen, last not yet */
	uint32_t call_id;
	uint16_t context_id, opnum;
	size_t frag_n, stub_n;			/* bytes in frag[] and stub[] */
	size_t out_from, out_n;			/* the unread part of out[] */
	size_t pdu_left;			/* of a PDU read in part */
	uint8_t frag[RPC_FRAG_MAX];
	uint8_t stub[RPC_PIPE_IN_MAX];
	uint8_t out[RPC_PIPE_OUT_MAX];
};

/* iface must outlive the pipe.  assoc_group: any number other than 0. */
void rpc_pipe_init(struct rpc_pipe *, const struct rpc_iface *, uint32_t assoc_group);
/*
 * Feeds bytes; any cut into writes is fine.  STATUS_PIPE_BUSY while a call is
 * unanswered (nothing was taken), STATUS_PIPE_BROKEN after nonsense, for good.
 * Bytes behind a complete request are nonsense too: nobody may send a second
 * before the answer.
 */
nt rpc_pipe_write(struct rpc_pipe *, struct span) MUST_USE;
/* The call waiting for its answer.  Unknown opnums are faulted here, not handed out. */
bool rpc_pipe_call(const struct rpc_pipe *, struct rpc_call *ret) MUST_USE;
/* Too long an answer, or no room left by a client that does not read, becomes a fault. */
void rpc_pipe_reply(struct rpc_pipe *, struct span stub);
void rpc_pipe_fault(struct rpc_pipe *, uint32_t status);
/*
 * Takes up to cap bytes of the oldest unread PDU, never of two: a pipe in
 * message mode.  *ret_more: this PDU has more (BUFFER_OVERFLOW).  Returns 0 if empty.
 */
size_t rpc_pipe_read(struct rpc_pipe *, void *dst, size_t cap, bool *ret_more) MUST_USE;
/* Bytes a peek would find. */
size_t rpc_pipe_unread(const struct rpc_pipe *) MUST_USE;

#endif
