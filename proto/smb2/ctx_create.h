/*
 * ctx_create.h - create contexts: the walk over a list, the typed bodies of the
 * ones we know, and a builder.  What they mean is 3.3.5.9.x's business.
 * [MS-SMB2] 2.2.13.2, 2.2.14.2
 */
#ifndef PROTO_SMB2_CTX_CREATE_H
#define PROTO_SMB2_CTX_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

/* Append-only: a set of them is kept as 1u << kind. */
enum smb2_ctx {
	SMB2_CTX_UNKNOWN,
	SMB2_CTX_EXTA,		       /* 2.2.13.2.1 extended attributes, FILE_FULL_EA list */
	SMB2_CTX_SECD,		       /* 2.2.13.2.2 security descriptor */
	SMB2_CTX_DHNQ,		       /* 2.2.13.2.3 durable handle request */
	SMB2_CTX_DHNC,		       /* 2.2.13.2.4 durable handle reconnect */
	SMB2_CTX_MXAC,		       /* 2.2.13.2.5 query maximal access */
	SMB2_CTX_ALSI,		       /* 2.2.13.2.6 allocation size */
	SMB2_CTX_TWRP,		       /* 2.2.13.2.7 timewarp token */
	SMB2_CTX_RQLS,		       /* 2.2.13.2.8 and .10 lease, version 1 or 2 */
	SMB2_CTX_QFID,		       /* 2.2.13.2.9 query on disk id */
	SMB2_CTX_DH2Q,		       /* 2.2.13.2.11 durable handle request v2 */
	SMB2_CTX_DH2C,		       /* 2.2.13.2.12 durable handle reconnect v2 */
	SMB2_CTX_APP_INSTANCE_ID,      /* 2.2.13.2.13 */
	SMB2_CTX_SVHDX,		       /* 2.2.13.2.14 [MS-RSVD]; recognised, kept as bytes */
	SMB2_CTX_APP_INSTANCE_VERSION, /* 2.2.13.2.15 */
	SMB2_CTX_AAPL,		       /* Apple's; kept as bytes */
	SMB2_CTX_POSIX,		       /* POSIX extensions; kept as bytes */
	SMB2_CTX_MAX
};

#define SMB2_DHANDLE_FLAG_PERSISTENT 0x00000002u

struct smb2_create_ctx {
	enum smb2_ctx kind;
	struct span name;
	struct span data;
};

/* The walk: while (it.left.n > 0) TRY(smb2_create_ctx_next(&it, &ctx)); */
struct smb2_ctx_iter {
	struct span left;
};

/*
 * STATUS_INVALID_PARAMETER when Next makes no progress, is unaligned or passes
 * the end, or when name or data lie outside this entry.
 */
nt smb2_create_ctx_next(struct smb2_ctx_iter *it, struct smb2_create_ctx *ret) MUST_USE;

struct smb2_lease {
	uint8_t version; /* 1 or 2 */
	uint8_t key[16];
	uint32_t state;
	uint32_t flags;
	uint64_t duration;
	uint8_t parent_key[16]; /* version 2 only, as epoch */
	uint16_t epoch;
};

struct smb2_dh2q {
	uint32_t timeout; /* milliseconds */
	uint32_t flags;
	uint8_t create_guid[16]; /* absent in responses */
};

struct smb2_dh2c {
	struct smb2_fid fid;
	uint8_t create_guid[16];
	uint32_t flags;
};

/* Everything that a request's list says. */
struct smb2_create_ctxs_req {
	uint32_t present; /* 1u << enum smb2_ctx */
	struct span ea;
	struct span sd;
	struct smb2_fid dhnc;
	uint64_t mxac_timestamp; /* 0 if the client gave none */
	uint64_t allocation_size;
	uint64_t timewarp;
	struct smb2_lease lease;
	struct smb2_dh2q dh2q;
	struct smb2_dh2c dh2c;
	uint8_t app_instance_id[16];
	uint64_t app_version_high;
	uint64_t app_version_low;
	struct span svhdx;
	struct span aapl;
	struct span posix;
};

/* … and what a response's list says. */
struct smb2_create_ctxs_rsp {
	uint32_t present;
	nt mxac_status;
	uint32_t mxac_access;
	struct smb2_lease lease;
	uint8_t disk_id[8]; /* QFid */
	uint8_t volume_id[8];
	struct smb2_dh2q dh2q;
	struct span svhdx;
	struct span aapl;
	struct span posix;
};

static inline bool
smb2_ctx_has(uint32_t present, enum smb2_ctx kind)
{
	return (present >> kind & 1) != 0;
}

/*
 * Unknown contexts are skipped.  STATUS_INVALID_PARAMETER for a known one of
 * a wrong size or given twice, besides what the walk refuses.
 */
nt smb2_create_ctxs_req_decode(struct span list, struct smb2_create_ctxs_req *ret) MUST_USE;
nt smb2_create_ctxs_rsp_decode(struct span list, struct smb2_create_ctxs_rsp *ret) MUST_USE;
/*
 * Write what is present as a list into w, whose position 0 is the list's start
 * (a buffer of its own: .contexts of the create structs takes wr_done()).
 */
void smb2_create_ctxs_req_encode(struct wr *w, const struct smb2_create_ctxs_req *c);
void smb2_create_ctxs_rsp_encode(struct wr *w, const struct smb2_create_ctxs_rsp *c);
#define SMB2_CREATE_CTXS_RSP_MAX 512 /* enough but for svhdx, aapl and posix bytes */

#endif
