/*
 * echo.c - ECHO.  [MS-SMB2] 2.2.28, 2.2.29
 */
#include "proto/smb2/echo.h"

#include "proto/smb2/body.h"

nt
smb2_echo_req_decode(struct rd *r, struct smb2_echo_req *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

nt
smb2_echo_rsp_decode(struct rd *r, struct smb2_echo_rsp *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_echo_req_encode(struct wr *w, size_t hdr_at, const struct smb2_echo_req *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}

void
smb2_echo_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_echo_rsp *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}
