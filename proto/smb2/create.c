/*
 * create.c - CREATE.  [MS-SMB2] 2.2.13, 2.2.14
 */
#include "proto/smb2/create.h"

#include "proto/smb2/body.h"

/* 2.2.13 SMB2 CREATE Request.  SecurityFlags, SmbCreateFlags and Reserved are ignored. */
nt
smb2_create_req_decode(struct rd *r, struct smb2_create_req *ret)
{
	struct smb2_create_req c = { 0 };
	uint16_t name_off, name_len;
	uint32_t ctx_off, ctx_len;

	TRY(body_open(r, 57));
	rd_zero(r, 1);
	c.oplock_level	= rd_u8(r);
	c.impersonation = rd_u32(r);
	rd_zero(r, 16);
	c.desired_access  = rd_u32(r);
	c.file_attributes = rd_u32(r);
	c.share_access	  = rd_u32(r);
	c.disposition	  = rd_u32(r);
	c.options	  = rd_u32(r);
	name_off	  = rd_u16(r);
	name_len	  = rd_u16(r);
	ctx_off		  = rd_u32(r);
	ctx_len		  = rd_u32(r);
	c.name		  = rd_region(r, name_off, name_len);
	c.contexts	  = rd_region(r, ctx_off, ctx_len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(name_len % 2 == 0, STATUS_INVALID_PARAMETER);
	REQUIRE(ctx_len == 0 || ctx_off % 8 == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* The list is 8-aligned; without one both fields are 0. */
static void
contexts_put(struct wr *w, size_t hdr_at, size_t at, struct span contexts)
{
	if (contexts.n == 0)
		return;
	body_align(w, hdr_at, 8);
	body_put32(w, hdr_at, at, at + 4, contexts);
}

void
smb2_create_req_encode(struct wr *w, size_t hdr_at, const struct smb2_create_req *c)
{
	size_t name_at, ctx_at;

	body_begin(w, hdr_at, 57);
	wr_u8(w, 0);
	wr_u8(w, c->oplock_level);
	wr_u32(w, c->impersonation);
	wr_zero(w, 16);
	wr_u32(w, c->desired_access);
	wr_u32(w, c->file_attributes);
	wr_u32(w, c->share_access);
	wr_u32(w, c->disposition);
	wr_u32(w, c->options);
	name_at = wr_hole(w, 4);
	ctx_at	= wr_hole(w, 8);
	body_put16(w, hdr_at, name_at, name_at + 2, c->name);
	contexts_put(w, hdr_at, ctx_at, c->contexts);
	body_end(w, hdr_at, 57);
}

/* 2.2.14 SMB2 CREATE Response. */
nt
smb2_create_rsp_decode(struct rd *r, struct smb2_create_rsp *ret)
{
	struct smb2_create_rsp c = { 0 };
	uint32_t ctx_off, ctx_len;

	TRY(body_open(r, 89));
	c.oplock_level	   = rd_u8(r);
	c.flags		   = rd_u8(r);
	c.action	   = rd_u32(r);
	c.creation_time	   = rd_u64(r);
	c.last_access_time = rd_u64(r);
	c.last_write_time  = rd_u64(r);
	c.change_time	   = rd_u64(r);
	c.allocation_size  = rd_u64(r);
	c.end_of_file	   = rd_u64(r);
	c.file_attributes  = rd_u32(r);
	rd_zero(r, 4);
	c.fid	   = rd_fid(r);
	ctx_off	   = rd_u32(r);
	ctx_len	   = rd_u32(r);
	c.contexts = rd_region(r, ctx_off, ctx_len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(ctx_len == 0 || ctx_off % 8 == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_create_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_create_rsp *c)
{
	size_t ctx_at;

	body_begin(w, hdr_at, 89);
	wr_u8(w, c->oplock_level);
	wr_u8(w, c->flags);
	wr_u32(w, c->action);
	wr_u64(w, c->creation_time);
	wr_u64(w, c->last_access_time);
	wr_u64(w, c->last_write_time);
	wr_u64(w, c->change_time);
	wr_u64(w, c->allocation_size);
	wr_u64(w, c->end_of_file);
	wr_u32(w, c->file_attributes);
	wr_u32(w, 0);
	wr_fid(w, c->fid);
	ctx_at = wr_hole(w, 8);
	contexts_put(w, hdr_at, ctx_at, c->contexts);
}
