/*
 * query_directory.c - QUERY_DIRECTORY.  [MS-SMB2] 2.2.33, 2.2.34
 */
#include "proto/smb2/query_directory.h"

#include "proto/smb2/body.h"

/* 2.2.33 SMB2 QUERY_DIRECTORY Request. */
nt
smb2_query_directory_req_decode(struct rd *r, struct smb2_query_directory_req *ret)
{
	struct smb2_query_directory_req c = { 0 };
	uint16_t off, len;

	TRY(body_open(r, 33));
	c.info_class	= rd_u8(r);
	c.flags		= rd_u8(r);
	c.file_index	= rd_u32(r);
	c.fid		= rd_fid(r);
	off		= rd_u16(r);
	len		= rd_u16(r);
	c.output_length = rd_u32(r);
	c.pattern	= rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(len % 2 == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_query_directory_req_encode(struct wr *w, size_t hdr_at,
				const struct smb2_query_directory_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 33);
	wr_u8(w, c->info_class);
	wr_u8(w, c->flags);
	wr_u32(w, c->file_index);
	wr_fid(w, c->fid);
	at = wr_hole(w, 4);
	wr_u32(w, c->output_length);
	body_put16(w, hdr_at, at, at + 2, c->pattern);
	body_end(w, hdr_at, 33);
}

/* 2.2.34 SMB2 QUERY_DIRECTORY Response. */
nt
smb2_query_directory_rsp_decode(struct rd *r, struct smb2_query_directory_rsp *ret)
{
	return body_output_decode(r, &ret->output);
}

void
smb2_query_directory_rsp_encode(struct wr *w, size_t hdr_at,
				const struct smb2_query_directory_rsp *c)
{
	body_output_encode(w, hdr_at, c->output);
}
