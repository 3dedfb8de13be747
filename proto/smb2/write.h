/*
 * write.h - WRITE.  [MS-SMB2] 2.2.21, 2.2.22
 */
#ifndef PROTO_SMB2_WRITE_H
#define PROTO_SMB2_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_WRITEFLAG_WRITE_THROUGH	0x00000001u
#define SMB2_WRITEFLAG_WRITE_UNBUFFERED 0x00000002u

/* The fixed part, header not counted; our own requests put the payload right behind it. */
#define SMB2_WRITE_REQ_FIXED 48

struct smb2_write_req {
	uint64_t offset;
	struct smb2_fid fid;
	uint32_t channel;
	uint32_t remaining_bytes;
	uint32_t flags;
	uint32_t length; /* Length as sent; data.n when the payload is here */
	struct span channel_info;
	struct span data;
};

struct smb2_write_rsp {
	uint32_t count;
	uint32_t remaining;
};

nt smb2_write_req_decode(struct rd *r, struct smb2_write_req *ret) MUST_USE;
nt smb2_write_rsp_decode(struct rd *r, struct smb2_write_rsp *ret) MUST_USE;
void smb2_write_req_encode(struct wr *w, size_t hdr_at, const struct smb2_write_req *c);
void smb2_write_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_write_rsp *c);

/*
 * For a payload that is not (wholly) in the buffer and will be received
 * elsewhere.  r holds at least the fixed part; element_len is the length of
 * this whole element, header included, as announced by the transport or
 * NextCommand.  data_off and length are checked against it; .data and
 * .channel_info stay empty.  A request with channel info is refused with
 * STATUS_INVALID_PARAMETER, as we offer no RDMA.
 */
nt smb2_write_req_decode_prefix(struct rd *r, size_t element_len, struct smb2_write_req *ret,
				uint32_t *ret_data_off) MUST_USE;
/* All of the request but its payload: the caller sends c->length bytes right behind it. */
void smb2_write_req_encode_head(struct wr *w, size_t hdr_at, const struct smb2_write_req *c);

#endif
