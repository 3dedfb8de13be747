/*
 * pdu.h - connection-oriented DCE/RPC PDUs: little-endian NDR, no security
 * trailer (the pipe is inside an authenticated SMB session).  [C706] 12.6,
 * [MS-RPCE] 2.2.2
 */
#ifndef PROTO_RPC_PDU_H
#define PROTO_RPC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define RPC_HEADER_SIZE  16
#define RPC_FRAG_MAX     4280 /* what we offer and accept, as Windows does on pipes */
#define RPC_FRAG_MIN     1432 /* [C706] 12.6.3.1: must be accepted by everybody */
#define RPC_CONTEXTS_MAX 16

enum rpc_ptype {
	RPC_REQUEST       = 0,
	RPC_RESPONSE      = 2,
	RPC_FAULT         = 3,
	RPC_BIND          = 11,
	RPC_BIND_ACK      = 12,
	RPC_BIND_NAK      = 13,
	RPC_ALTER_CONTEXT = 14,
	RPC_ALTER_RESP    = 15,
	RPC_CANCEL        = 18,
	RPC_ORPHANED      = 19
};

#define RPC_FIRST_FRAG (1u << 0)
#define RPC_LAST_FRAG  (1u << 1)
#define RPC_DID_NOT_EXECUTE (1u << 5)
#define RPC_OBJECT     (1u << 7) /* a request carries an object UUID */

/* Fault statuses, [C706] appendix E and [MS-RPCE] 2.2.1. */
#define RPC_NCA_OP_RNG_ERROR 0x1c010002u /* no such opnum */
#define RPC_NCA_UNK_IF       0x1c010003u /* no such interface */
#define RPC_NCA_PROTO_ERROR  0x1c01000bu
#define RPC_BAD_STUB_DATA    0x000006f7u
#define RPC_ACCESS_DENIED    0x00000005u
#define RPC_OUT_OF_MEMORY    0x1c00001bu /* the answer passes a limit of ours */

struct rpc_uuid {
	uint8_t b[16]; /* as on the wire, little-endian fields */
};

struct rpc_syntax {
	struct rpc_uuid uuid;
	uint32_t version; /* major in the low half, minor in the high */
};
extern const struct rpc_syntax rpc_ndr32;
bool rpc_uuid_eq(const struct rpc_uuid *, const struct rpc_uuid *) MUST_USE;

struct rpc_header {
	uint8_t ptype, flags;
	uint16_t frag_length, auth_length;
	uint32_t call_id;
};

struct rpc_context { /* one offered presentation context */
	uint16_t id;
	struct rpc_syntax abstract;
	bool has_ndr32; /* among its transfer syntaxes */
	bool is_feature; /* no interface, but bind time feature negotiation, [MS-RPCE] 3.3.1.5.3 */
};

struct rpc_bind {
	uint16_t max_xmit, max_recv;
	uint32_t assoc_group;
	uint8_t count;
	struct rpc_context contexts[RPC_CONTEXTS_MAX];
};

/* p_cont_elem results, [C706] 12.6.3.1 and [MS-RPCE] 2.2.2.4. */
enum rpc_result { RPC_ACCEPTED = 0, RPC_PROVIDER_REJECTION = 2, RPC_NEGOTIATE_ACK = 3 };
enum rpc_reason { RPC_REASON_NONE = 0, RPC_ABSTRACT_SYNTAX = 1, RPC_TRANSFER_SYNTAXES = 2 };
/* Reasons of a bind_nak, [MS-RPCE] 2.2.2.5. */
enum rpc_nak { RPC_NAK_NONE = 0, RPC_NAK_LIMIT = 2, RPC_NAK_AUTH_TYPE = 8 };
struct rpc_verdict {
	uint16_t result, reason;
};

struct rpc_bind_ack {
	uint8_t ptype; /* BIND_ACK or ALTER_RESP */
	uint32_t call_id;
	uint16_t max_xmit, max_recv;
	uint32_t assoc_group;
	const char *address; /* "\\PIPE\\srvsvc"; "" in ALTER_RESP */
	uint8_t count;
	struct rpc_verdict verdicts[RPC_CONTEXTS_MAX];
};

struct rpc_request {
	uint16_t context_id, opnum;
	struct span stub; /* of this fragment */
};

struct rpc_response { /* a response or fault fragment, seen by the client */
	uint16_t context_id;
	uint32_t status; /* of a fault */
	struct span stub;
};

/* The header alone; checks version 5.0 (or 5.1), representation and frag_length >= 16. */
nt rpc_header_decode(struct span, struct rpc_header *ret) MUST_USE;
/* The rest; pdu is the whole PDU of frag_length bytes.  STATUS_INVALID_PARAMETER. */
nt rpc_bind_decode(struct span pdu, struct rpc_bind *ret) MUST_USE; /* and alter_context */
nt rpc_request_decode(struct span pdu, struct rpc_request *ret) MUST_USE;
nt rpc_response_decode(struct span pdu, struct rpc_response *ret) MUST_USE; /* and fault */
nt rpc_bind_ack_decode(struct span pdu, struct rpc_bind_ack *ret) MUST_USE; /* but the address */

void rpc_bind_encode(struct wr *, uint32_t call_id, const struct rpc_syntax *abstract);
void rpc_bind_ack_encode(struct wr *, const struct rpc_bind_ack *);
void rpc_bind_nak_encode(struct wr *, uint32_t call_id, uint16_t reason);
void rpc_fault_encode(struct wr *, uint32_t call_id, uint16_t context_id, uint32_t status);
/* One fragment each. */
void rpc_request_encode(struct wr *, uint32_t call_id, uint8_t flags, uint16_t opnum,
			struct span stub);
void rpc_response_encode(struct wr *, uint32_t call_id, uint8_t flags, uint16_t context_id,
			 struct span stub);

#endif
