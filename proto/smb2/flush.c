/*
 * flush.c - FLUSH.  [MS-SMB2] 2.2.17, 2.2.18
 */
#include "proto/smb2/flush.h"

#include "proto/smb2/body.h"

/* 2.2.17 SMB2 FLUSH Request. */
nt
smb2_flush_req_decode(struct rd *r, struct smb2_flush_req *ret)
{
	struct smb2_flush_req c = { 0 };

	TRY(body_open(r, 24));
	c.reserved1 = rd_u16(r);
	rd_zero(r, 4);
	c.fid = rd_fid(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_flush_req_encode(struct wr *w, size_t hdr_at, const struct smb2_flush_req *c)
{
	body_begin(w, hdr_at, 24);
	wr_u16(w, c->reserved1);
	wr_u32(w, 0);
	wr_fid(w, c->fid);
}

nt
smb2_flush_rsp_decode(struct rd *r, struct smb2_flush_rsp *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_flush_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_flush_rsp *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}
