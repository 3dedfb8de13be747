/*
 * cancel.h - CANCEL, which has no fields and no answer.  [MS-SMB2] 2.2.30
 */
#ifndef PROTO_SMB2_CANCEL_H
#define PROTO_SMB2_CANCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

struct smb2_cancel_req {
	uint16_t reserved;
};

nt smb2_cancel_req_decode(struct rd *r, struct smb2_cancel_req *ret) MUST_USE;
void smb2_cancel_req_encode(struct wr *w, size_t hdr_at, const struct smb2_cancel_req *c);

#endif
