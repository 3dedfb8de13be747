/*
 * read.h - READ.  [MS-SMB2] 2.2.19, 2.2.20
 */
#ifndef PROTO_SMB2_READ_H
#define PROTO_SMB2_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_READFLAG_READ_UNBUFFERED	 0x01
#define SMB2_READFLAG_REQUEST_COMPRESSED 0x02

#define SMB2_CHANNEL_NONE		0 /* of READ and WRITE; others are RDMA */
#define SMB2_CHANNEL_RDMA_V1		1
#define SMB2_CHANNEL_RDMA_V1_INVALIDATE 2
#define SMB2_CHANNEL_RDMA_TRANSFORM	3

/* Where the payload of our responses starts, counted from the SMB2 header. */
#define SMB2_READ_RSP_DATA_OFFSET 0x50

struct smb2_read_req {
	uint8_t padding; /* wished DataOffset of the answer; a hint */
	uint8_t flags;
	uint32_t length;
	uint64_t offset;
	struct smb2_fid fid;
	uint32_t minimum_count;
	uint32_t channel;
	uint32_t remaining_bytes;
	struct span channel_info;
};

struct smb2_read_rsp {
	uint32_t data_remaining;
	uint32_t flags; /* 3.1.1: 1 = RDMA transform; else 0 */
	struct span data;
};

nt smb2_read_req_decode(struct rd *r, struct smb2_read_req *ret) MUST_USE;
nt smb2_read_rsp_decode(struct rd *r, struct smb2_read_rsp *ret) MUST_USE;
void smb2_read_req_encode(struct wr *w, size_t hdr_at, const struct smb2_read_req *c);
void smb2_read_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_read_rsp *c);

/* All of the response but its payload: the caller sends data_len bytes right behind it. */
void smb2_read_rsp_encode_head(struct wr *w, size_t hdr_at, uint32_t data_len);

#endif
