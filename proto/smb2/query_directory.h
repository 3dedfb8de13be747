/*
 * query_directory.h - QUERY_DIRECTORY.  [MS-SMB2] 2.2.33, 2.2.34
 */
#ifndef PROTO_SMB2_QUERY_DIRECTORY_H
#define PROTO_SMB2_QUERY_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_RESTART_SCANS	 0x01
#define SMB2_RETURN_SINGLE_ENTRY 0x02
#define SMB2_INDEX_SPECIFIED	 0x04
#define SMB2_REOPEN		 0x10

struct smb2_query_directory_req {
	uint8_t info_class; /* proto/fscc/ */
	uint8_t flags;
	uint32_t file_index;
	struct smb2_fid fid;
	uint32_t output_length;
	struct span pattern; /* UTF-16LE, even length */
};

struct smb2_query_directory_rsp {
	struct span output;
};

nt smb2_query_directory_req_decode(struct rd *r, struct smb2_query_directory_req *ret) MUST_USE;
nt smb2_query_directory_rsp_decode(struct rd *r, struct smb2_query_directory_rsp *ret) MUST_USE;
void smb2_query_directory_req_encode(struct wr *w, size_t hdr_at,
				     const struct smb2_query_directory_req *c);
void smb2_query_directory_rsp_encode(struct wr *w, size_t hdr_at,
				     const struct smb2_query_directory_rsp *c);

#endif
