/*
 * flush.h - FLUSH.  [MS-SMB2] 2.2.17, 2.2.18
 */
#ifndef PROTO_SMB2_FLUSH_H
#define PROTO_SMB2_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

struct smb2_flush_req {
	uint16_t reserved1; /* Apple: nonzero asks for a full sync */
	struct smb2_fid fid;
};

struct smb2_flush_rsp {
	uint16_t reserved;
};

nt smb2_flush_req_decode(struct rd *r, struct smb2_flush_req *ret) MUST_USE;
nt smb2_flush_rsp_decode(struct rd *r, struct smb2_flush_rsp *ret) MUST_USE;
void smb2_flush_req_encode(struct wr *w, size_t hdr_at, const struct smb2_flush_req *c);
void smb2_flush_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_flush_rsp *c);

#endif
