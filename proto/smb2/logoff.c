/*
 * logoff.c - LOGOFF.  [MS-SMB2] 2.2.7, 2.2.8
 */
#include "proto/smb2/logoff.h"

#include "proto/smb2/body.h"

nt
smb2_logoff_req_decode(struct rd *r, struct smb2_logoff_req *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

nt
smb2_logoff_rsp_decode(struct rd *r, struct smb2_logoff_rsp *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_logoff_req_encode(struct wr *w, size_t hdr_at, const struct smb2_logoff_req *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}

void
smb2_logoff_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_logoff_rsp *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}
