/*
 * change_notify.h - CHANGE_NOTIFY.  [MS-SMB2] 2.2.35, 2.2.36
 */
#ifndef PROTO_SMB2_CHANGE_NOTIFY_H
#define PROTO_SMB2_CHANGE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_WATCH_TREE 0x0001

#define FILE_NOTIFY_CHANGE_FILE_NAME	0x00000001u
#define FILE_NOTIFY_CHANGE_DIR_NAME	0x00000002u
#define FILE_NOTIFY_CHANGE_ATTRIBUTES	0x00000004u
#define FILE_NOTIFY_CHANGE_SIZE		0x00000008u
#define FILE_NOTIFY_CHANGE_LAST_WRITE	0x00000010u
#define FILE_NOTIFY_CHANGE_LAST_ACCESS	0x00000020u
#define FILE_NOTIFY_CHANGE_CREATION	0x00000040u
#define FILE_NOTIFY_CHANGE_EA		0x00000080u
#define FILE_NOTIFY_CHANGE_SECURITY	0x00000100u
#define FILE_NOTIFY_CHANGE_STREAM_NAME	0x00000200u
#define FILE_NOTIFY_CHANGE_STREAM_SIZE	0x00000400u
#define FILE_NOTIFY_CHANGE_STREAM_WRITE 0x00000800u

struct smb2_change_notify_req {
	uint16_t flags;
	uint32_t output_length;
	struct smb2_fid fid;
	uint32_t completion_filter;
};

struct smb2_change_notify_rsp {
	struct span output; /* FILE_NOTIFY_INFORMATION list, [MS-FSCC] 2.7.1 */
};

nt smb2_change_notify_req_decode(struct rd *r, struct smb2_change_notify_req *ret) MUST_USE;
nt smb2_change_notify_rsp_decode(struct rd *r, struct smb2_change_notify_rsp *ret) MUST_USE;
void smb2_change_notify_req_encode(struct wr *w, size_t hdr_at,
				   const struct smb2_change_notify_req *c);
void smb2_change_notify_rsp_encode(struct wr *w, size_t hdr_at,
				   const struct smb2_change_notify_rsp *c);

#endif
