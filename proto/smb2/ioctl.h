/*
 * ioctl.h - IOCTL.  The bodies it carries have fsctl.h.  [MS-SMB2] 2.2.31, 2.2.32
 */
#ifndef PROTO_SMB2_IOCTL_H
#define PROTO_SMB2_IOCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_0_IOCTL_IS_FSCTL 0x00000001u

struct smb2_ioctl_req {
	uint32_t ctl_code;
	struct smb2_fid fid;
	uint32_t max_input_response;
	uint32_t max_output_response;
	uint32_t flags;
	struct span input;
	struct span output;
};

struct smb2_ioctl_rsp {
	uint32_t ctl_code;
	struct smb2_fid fid;
	uint32_t flags;
	struct span input;
	struct span output;
};

nt smb2_ioctl_req_decode(struct rd *r, struct smb2_ioctl_req *ret) MUST_USE;
nt smb2_ioctl_rsp_decode(struct rd *r, struct smb2_ioctl_rsp *ret) MUST_USE;
void smb2_ioctl_req_encode(struct wr *w, size_t hdr_at, const struct smb2_ioctl_req *c);
void smb2_ioctl_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_ioctl_rsp *c);

#endif
