/*
 * set_info.c - SET_INFO.  [MS-SMB2] 2.2.39, 2.2.40
 */
#include "proto/smb2/set_info.h"

#include "proto/smb2/body.h"

/* 2.2.39 SMB2 SET_INFO Request. */
nt
smb2_set_info_req_decode(struct rd *r, struct smb2_set_info_req *ret)
{
	struct smb2_set_info_req c = { 0 };
	uint32_t len;
	uint16_t off;

	TRY(body_open(r, 33));
	c.info_type  = rd_u8(r);
	c.info_class = rd_u8(r);
	len	     = rd_u32(r);
	off	     = rd_u16(r);
	rd_zero(r, 2);
	c.additional = rd_u32(r);
	c.fid	     = rd_fid(r);
	c.buffer     = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_set_info_req_encode(struct wr *w, size_t hdr_at, const struct smb2_set_info_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 33);
	wr_u8(w, c->info_type);
	wr_u8(w, c->info_class);
	at = wr_hole(w, 8);
	wr_u32(w, c->additional);
	wr_fid(w, c->fid);
	body_put16_32(w, hdr_at, at + 4, at, c->buffer);
	body_end(w, hdr_at, 33);
}

/* 2.2.40 SMB2 SET_INFO Response. */
nt
smb2_set_info_rsp_decode(struct rd *r, struct smb2_set_info_rsp *ret)
{
	TRY(body_open(r, 2));
	ret->nothing = 0;
	return STATUS_SUCCESS;
}

void
smb2_set_info_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_set_info_rsp *c)
{
	(void)c;
	body_begin(w, hdr_at, 2);
}
