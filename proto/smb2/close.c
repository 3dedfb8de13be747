/*
 * close.c - CLOSE.  [MS-SMB2] 2.2.15, 2.2.16
 */
#include "proto/smb2/close.h"

#include "proto/smb2/body.h"

/* 2.2.15 SMB2 CLOSE Request. */
nt
smb2_close_req_decode(struct rd *r, struct smb2_close_req *ret)
{
	struct smb2_close_req c = { 0 };

	TRY(body_open(r, 24));
	c.flags = rd_u16(r);
	rd_zero(r, 4);
	c.fid = rd_fid(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_close_req_encode(struct wr *w, size_t hdr_at, const struct smb2_close_req *c)
{
	body_begin(w, hdr_at, 24);
	wr_u16(w, c->flags);
	wr_u32(w, 0);
	wr_fid(w, c->fid);
}

/* 2.2.16 SMB2 CLOSE Response. */
nt
smb2_close_rsp_decode(struct rd *r, struct smb2_close_rsp *ret)
{
	struct smb2_close_rsp c = { 0 };

	TRY(body_open(r, 60));
	c.flags = rd_u16(r);
	rd_zero(r, 4);
	c.creation_time	   = rd_u64(r);
	c.last_access_time = rd_u64(r);
	c.last_write_time  = rd_u64(r);
	c.change_time	   = rd_u64(r);
	c.allocation_size  = rd_u64(r);
	c.end_of_file	   = rd_u64(r);
	c.file_attributes  = rd_u32(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_close_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_close_rsp *c)
{
	body_begin(w, hdr_at, 60);
	wr_u16(w, c->flags);
	wr_u32(w, 0);
	wr_u64(w, c->creation_time);
	wr_u64(w, c->last_access_time);
	wr_u64(w, c->last_write_time);
	wr_u64(w, c->change_time);
	wr_u64(w, c->allocation_size);
	wr_u64(w, c->end_of_file);
	wr_u32(w, c->file_attributes);
}
