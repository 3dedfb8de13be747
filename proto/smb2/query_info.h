/*
 * query_info.h - QUERY_INFO.  The bodies it carries have proto/fscc/.  [MS-SMB2] 2.2.37, 2.2.38
 */
#ifndef PROTO_SMB2_QUERY_INFO_H
#define PROTO_SMB2_QUERY_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

/* Flags, for FileFullEaInformation. */
#define SL_RESTART_SCAN	       0x00000001u
#define SL_RETURN_SINGLE_ENTRY 0x00000002u
#define SL_INDEX_SPECIFIED     0x00000004u

struct smb2_query_info_req {
	uint8_t info_type;
	uint8_t info_class;
	uint32_t output_length;
	uint32_t additional;
	uint32_t flags;
	struct smb2_fid fid;
	struct span input; /* EA list or SMB2_QUERY_QUOTA_INFO */
};

struct smb2_query_info_rsp {
	struct span output;
};

nt smb2_query_info_req_decode(struct rd *r, struct smb2_query_info_req *ret) MUST_USE;
nt smb2_query_info_rsp_decode(struct rd *r, struct smb2_query_info_rsp *ret) MUST_USE;
void smb2_query_info_req_encode(struct wr *w, size_t hdr_at, const struct smb2_query_info_req *c);
void smb2_query_info_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_query_info_rsp *c);

#endif
