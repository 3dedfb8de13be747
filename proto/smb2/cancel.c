/*
 * cancel.c - CANCEL.  [MS-SMB2] 2.2.30
 */
#include "proto/smb2/cancel.h"

#include "proto/smb2/body.h"

nt
smb2_cancel_req_decode(struct rd *r, struct smb2_cancel_req *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_cancel_req_encode(struct wr *w, size_t hdr_at, const struct smb2_cancel_req *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}
