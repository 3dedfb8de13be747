/*
 * ctx_negotiate.h - negotiate contexts, of request and response alike.
 * [MS-SMB2] 2.2.3.1, 2.2.4.1
 */
#ifndef PROTO_SMB2_CTX_NEGOTIATE_H
#define PROTO_SMB2_CTX_NEGOTIATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define SMB2_NEG_ALGS_MAX     16 /* of one context; a longer list is refused */
#define SMB2_NEG_CONTEXTS_MAX 32 /* of one message */

/* ContextType.  2.2.3.1 */
enum smb2_neg_type {
	SMB2_NEG_PREAUTH     = 1,
	SMB2_NEG_ENCRYPTION  = 2,
	SMB2_NEG_COMPRESSION = 3,
	SMB2_NEG_NETNAME     = 5,
	SMB2_NEG_TRANSPORT   = 6,
	SMB2_NEG_RDMA	     = 7,
	SMB2_NEG_SIGNING     = 8,
	SMB2_NEG_TYPE_MAX
};

struct smb2_alg_list {
	uint16_t count;
	uint16_t id[SMB2_NEG_ALGS_MAX]; /* in the sender's order of preference */
};

struct smb2_neg_contexts {
	uint32_t present; /* 1u << enum smb2_neg_type */
	struct smb2_alg_list hashes;
	struct span salt;
	struct smb2_alg_list ciphers;
	struct smb2_alg_list compressions;
	uint32_t compression_flags;
	struct span netname; /* UTF-16LE */
	uint32_t transport_flags;
	struct smb2_alg_list rdma_transforms;
	struct smb2_alg_list signings;
};

static inline bool
smb2_neg_has(const struct smb2_neg_contexts *c, enum smb2_neg_type t)
{
	return (c->present >> t & 1) != 0;
}

/*
 * Reads count contexts; r stands at the first, its base is the SMB2 header.
 * Unknown types are skipped.  STATUS_INVALID_PARAMETER for a known type given
 * twice, an empty or overlong list, or a context that passes the end.
 */
nt smb2_neg_contexts_decode(struct rd *r, uint16_t count, struct smb2_neg_contexts *ret) MUST_USE;
/* Writes those that are present, 8-aligned from hdr_at; returns how many. */
uint16_t smb2_neg_contexts_encode(struct wr *w, size_t hdr_at, const struct smb2_neg_contexts *c);
/* True if the list names id. */
bool smb2_alg_list_has(const struct smb2_alg_list *l, uint16_t id) MUST_USE;
void smb2_alg_list_add(struct smb2_alg_list *l, uint16_t id); /* a full list is our own bug */

#endif
