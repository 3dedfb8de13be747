/*
 * set_info.h - SET_INFO.  The bodies it carries have proto/fscc/.  [MS-SMB2] 2.2.39, 2.2.40
 */
#ifndef PROTO_SMB2_SET_INFO_H
#define PROTO_SMB2_SET_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

struct smb2_set_info_req {
	uint8_t info_type;
	uint8_t info_class;
	uint32_t additional;
	struct smb2_fid fid;
	struct span buffer;
};

/* Nothing but StructureSize on the wire. */
struct smb2_set_info_rsp {
	uint8_t nothing;
};

nt smb2_set_info_req_decode(struct rd *r, struct smb2_set_info_req *ret) MUST_USE;
nt smb2_set_info_rsp_decode(struct rd *r, struct smb2_set_info_rsp *ret) MUST_USE;
void smb2_set_info_req_encode(struct wr *w, size_t hdr_at, const struct smb2_set_info_req *c);
void smb2_set_info_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_set_info_rsp *c);

#endif
