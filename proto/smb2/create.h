/*
 * create.h - CREATE.  Its contexts have ctx_create.h.  [MS-SMB2] 2.2.13, 2.2.14
 */
#ifndef PROTO_SMB2_CREATE_H
#define PROTO_SMB2_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_CREATE_FLAG_REPARSEPOINT 0x01 /* response Flags */

struct smb2_create_req {
	uint8_t oplock_level;
	uint32_t impersonation;
	uint32_t desired_access;
	uint32_t file_attributes;
	uint32_t share_access;
	uint32_t disposition;
	uint32_t options;
	struct span name;     /* UTF-16LE, relative to the share, even length */
	struct span contexts; /* for smb2_create_ctx_next() */
};

struct smb2_create_rsp {
	uint8_t oplock_level;
	uint8_t flags;
	uint32_t action;
	uint64_t creation_time; /* FILETIME, as the next three */
	uint64_t last_access_time;
	uint64_t last_write_time;
	uint64_t change_time;
	uint64_t allocation_size;
	uint64_t end_of_file;
	uint32_t file_attributes;
	struct smb2_fid fid;
	struct span contexts;
};

nt smb2_create_req_decode(struct rd *r, struct smb2_create_req *ret) MUST_USE;
nt smb2_create_rsp_decode(struct rd *r, struct smb2_create_rsp *ret) MUST_USE;
void smb2_create_req_encode(struct wr *w, size_t hdr_at, const struct smb2_create_req *c);
void smb2_create_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_create_rsp *c);

#endif
