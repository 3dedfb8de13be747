/*
 * logoff.h - LOGOFF, which has no fields.  [MS-SMB2] 2.2.7, 2.2.8
 */
#ifndef PROTO_SMB2_LOGOFF_H
#define PROTO_SMB2_LOGOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

struct smb2_logoff_req {
	uint16_t reserved; /* written as it is, ignored by who receives it */
};

struct smb2_logoff_rsp {
	uint16_t reserved;
};

nt smb2_logoff_req_decode(struct rd *r, struct smb2_logoff_req *ret) MUST_USE;
nt smb2_logoff_rsp_decode(struct rd *r, struct smb2_logoff_rsp *ret) MUST_USE;
void smb2_logoff_req_encode(struct wr *w, size_t hdr_at, const struct smb2_logoff_req *c);
void smb2_logoff_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_logoff_rsp *c);

#endif
