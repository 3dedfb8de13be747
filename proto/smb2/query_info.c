/*
 * query_info.c - QUERY_INFO.  [MS-SMB2] 2.2.37, 2.2.38
 */
#include "proto/smb2/query_info.h"

#include "proto/smb2/body.h"

/* 2.2.37 SMB2 QUERY_INFO Request. */
nt
smb2_query_info_req_decode(struct rd *r, struct smb2_query_info_req *ret)
{
	struct smb2_query_info_req c = { 0 };
	uint16_t off;
	uint32_t len;

	TRY(body_open(r, 41));
	c.info_type	= rd_u8(r);
	c.info_class	= rd_u8(r);
	c.output_length = rd_u32(r);
	off		= rd_u16(r);
	rd_zero(r, 2);
	len	     = rd_u32(r);
	c.additional = rd_u32(r);
	c.flags	     = rd_u32(r);
	c.fid	     = rd_fid(r);
	c.input	     = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_query_info_req_encode(struct wr *w, size_t hdr_at, const struct smb2_query_info_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 41);
	wr_u8(w, c->info_type);
	wr_u8(w, c->info_class);
	wr_u32(w, c->output_length);
	at = wr_hole(w, 8);
	wr_u32(w, c->additional);
	wr_u32(w, c->flags);
	wr_fid(w, c->fid);
	if (c->input.n > 0)
		body_put16_32(w, hdr_at, at, at + 4, c->input);
	body_end(w, hdr_at, 41);
}

/* 2.2.38 SMB2 QUERY_INFO Response. */
nt
smb2_query_info_rsp_decode(struct rd *r, struct smb2_query_info_rsp *ret)
{
	return body_output_decode(r, &ret->output);
}

void
smb2_query_info_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_query_info_rsp *c)
{
	body_output_encode(w, hdr_at, c->output);
}
