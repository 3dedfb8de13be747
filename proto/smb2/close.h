/*
 * close.h - CLOSE.  [MS-SMB2] 2.2.15, 2.2.16
 */
#ifndef PROTO_SMB2_CLOSE_H
#define PROTO_SMB2_CLOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB 0x0001

struct smb2_close_req {
	uint16_t flags;
	struct smb2_fid fid;
};

/* All zero unless the request set POSTQUERY_ATTRIB. */
struct smb2_close_rsp {
	uint16_t flags;
	uint64_t creation_time;
	uint64_t last_access_time;
	uint64_t last_write_time;
	uint64_t change_time;
	uint64_t allocation_size;
	uint64_t end_of_file;
	uint32_t file_attributes;
};

nt smb2_close_req_decode(struct rd *r, struct smb2_close_req *ret) MUST_USE;
nt smb2_close_rsp_decode(struct rd *r, struct smb2_close_rsp *ret) MUST_USE;
void smb2_close_req_encode(struct wr *w, size_t hdr_at, const struct smb2_close_req *c);
void smb2_close_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_close_rsp *c);

#endif
