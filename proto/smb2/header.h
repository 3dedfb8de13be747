/*
 * header.h - the SMB2 header, the walk along a compound chain, and the header
 * of an encrypted message.  [MS-SMB2] 2.2.1, 2.2.41, 3.3.5.2.7
 *
 * In every body codec offsets count from this header: a reader's base is the
 * header's first byte, a writer gets hdr_at, the header's place in it.
 */
#ifndef PROTO_SMB2_HEADER_H
#define PROTO_SMB2_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/const.h"

#define SMB2_HDR_SIZE	    64
#define SMB2_TRANSFORM_SIZE 52

/* ProtocolId as a little-endian number. */
#define SMB1_MAGIC	       0x424D53FFu
#define SMB2_MAGIC	       0x424D53FEu
#define SMB2_TRANSFORM_MAGIC   0x424D53FDu
#define SMB2_COMPRESSION_MAGIC 0x424D53FCu

/* Flags. */
#define SMB2_FLAGS_SERVER_TO_REDIR    0x00000001u
#define SMB2_FLAGS_ASYNC_COMMAND      0x00000002u
#define SMB2_FLAGS_RELATED_OPERATIONS 0x00000004u
#define SMB2_FLAGS_SIGNED	      0x00000008u
#define SMB2_FLAGS_PRIORITY_MASK      0x00000070u
#define SMB2_FLAGS_DFS_OPERATIONS     0x10000000u
#define SMB2_FLAGS_REPLAY_OPERATION   0x20000000u

/* Where the fields stand that are patched or looked at by place. */
enum smb2_hdr_at {
	SMB2_HDR_AT_STATUS     = 8,
	SMB2_HDR_AT_COMMAND    = 12,
	SMB2_HDR_AT_CREDITS    = 14,
	SMB2_HDR_AT_FLAGS      = 16,
	SMB2_HDR_AT_NEXT       = 20,
	SMB2_HDR_AT_MESSAGE_ID = 24,
	SMB2_HDR_AT_SIGNATURE  = 48,
};

/* A peer's MessageId of an unsolicited notification, 3.3.4.6. */
#define SMB2_MESSAGE_ID_UNSOLICITED UINT64_MAX

struct smb2_fid {
	uint64_t persistent;
	uint64_t vol; /* the specification's Volatile, a keyword in C */
};

struct smb2_hdr {
	uint16_t credit_charge;
	nt status;	  /* in requests of 3.x: see smb2_hdr_channel_sequence() */
	uint16_t command; /* enum smb2_cmd, or a number that is none */
	uint16_t credits; /* asked for, or granted */
	uint32_t flags;
	uint32_t next; /* NextCommand */
	uint64_t message_id;
	uint32_t process_id; /* the reserved word of the synchronous form */
	uint32_t tree_id;    /* 0 in the asynchronous form */
	uint64_t async_id;   /* 0 in the synchronous form */
	uint64_t session_id;
	uint8_t signature[16];
};

/* STATUS_INVALID_PARAMETER for a wrong ProtocolId or StructureSize, or fewer than 64 bytes. */
nt smb2_hdr_decode(struct rd *r, struct smb2_hdr *ret) MUST_USE;
void smb2_hdr_encode(struct wr *w, const struct smb2_hdr *h);

static inline bool
smb2_hdr_is_async(const struct smb2_hdr *h)
{
	return (h->flags & SMB2_FLAGS_ASYNC_COMMAND) != 0;
}

static inline bool
smb2_hdr_is_related(const struct smb2_hdr *h)
{
	return (h->flags & SMB2_FLAGS_RELATED_OPERATIONS) != 0;
}

/* 2.2.1.2: in a 3.x request the status field holds ChannelSequence and two reserved bytes. */
static inline uint16_t
smb2_hdr_channel_sequence(const struct smb2_hdr *h)
{
	return (uint16_t)h->status.code;
}

/* Patch a header already written at hdr_at. */
void smb2_hdr_patch_status(struct wr *w, size_t hdr_at, nt status);
void smb2_hdr_patch_credits(struct wr *w, size_t hdr_at, uint16_t credits);
void smb2_hdr_patch_flags(struct wr *w, size_t hdr_at, uint32_t flags);
/* Pads w to 8 bytes from hdr_at and notes the distance as this element's NextCommand. */
void smb2_hdr_close_element(struct wr *w, size_t hdr_at);

/* What a frame is, by its first four bytes. */
enum smb2_kind {
	SMB2_KIND_OTHER, /* nothing we know, or shorter than four bytes */
	SMB2_KIND_SMB1,
	SMB2_KIND_SMB2,
	SMB2_KIND_TRANSFORM,
	SMB2_KIND_COMPRESSED,
};
enum smb2_kind smb2_kind_of(struct span frame) MUST_USE;

/*
 * The walk along a chain:
 *
 *	struct smb2_chain c = smb2_chain_init(msg);
 *	while (smb2_chain_more(&c))
 *		TRY(smb2_chain_next(&c, &e));
 */
struct smb2_chain {
	struct span left;
};

struct smb2_element {
	struct smb2_hdr hdr;
	struct span bytes; /* header, body and padding: what is signed */
	struct rd body;	   /* base at the header, standing behind it */
	bool last;
};

struct smb2_chain smb2_chain_init(struct span msg) MUST_USE;
bool smb2_chain_more(const struct smb2_chain *) MUST_USE;
/* STATUS_INVALID_PARAMETER when NextCommand is unaligned, below 64 or past the end. */
nt smb2_chain_next(struct smb2_chain *, struct smb2_element *ret) MUST_USE;

/* 2.2.41 SMB2 TRANSFORM_HEADER. */
#define SMB2_TRANSFORM_FLAG_ENCRYPTED 0x0001

struct smb2_transform {
	uint8_t signature[16];
	uint8_t nonce[16];
	uint32_t original_size;
	uint16_t flags; /* 3.0 and 3.0.2: EncryptionAlgorithm, also 1 */
	uint64_t session_id;
};

/* STATUS_INVALID_PARAMETER for a wrong ProtocolId, other flags, or a short header. */
nt smb2_transform_decode(struct rd *r, struct smb2_transform *ret) MUST_USE;
void smb2_transform_encode(struct wr *w, const struct smb2_transform *t);

static inline bool
smb2_fid_eq(struct smb2_fid a, struct smb2_fid b)
{
	return a.persistent == b.persistent && a.vol == b.vol;
}

/* All ones: "the file of the element before", 3.3.5.2.7.2. */
static inline bool
smb2_fid_is_related(struct smb2_fid f)
{
	return f.persistent == UINT64_MAX && f.vol == UINT64_MAX;
}

static inline struct smb2_fid
rd_fid(struct rd *r)
{
	uint64_t persistent = rd_u64(r);
	uint64_t vol	    = rd_u64(r);

	return (struct smb2_fid){ persistent, vol };
}

static inline void
wr_fid(struct wr *w, struct smb2_fid f)
{
	wr_u64(w, f.persistent);
	wr_u64(w, f.vol);
}

#endif
