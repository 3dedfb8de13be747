/*
 * tree_connect.c - TREE_CONNECT.  [MS-SMB2] 2.2.9, 2.2.10
 */
#include "proto/smb2/tree_connect.h"

#include "proto/smb2/body.h"

#define FIXED 8 /* of the request: where the extension's offsets have their Buffer */

/* 2.2.9 SMB2 TREE_CONNECT Request.  PathOffset counts from the header, extended or not. */
nt
smb2_tree_connect_req_decode(struct rd *r, struct smb2_tree_connect_req *ret)
{
	struct smb2_tree_connect_req c = { 0 };
	uint16_t off, len;

	TRY(body_open(r, 9));
	c.flags	 = rd_u16(r);
	off	 = rd_u16(r);
	len	 = rd_u16(r);
	c.path	 = rd_region(r, off, len);
	c.buffer = rd_rest(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(len % 2 == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* 2.2.9.1: TreeConnectContextOffset counts from the request's StructureSize. */
nt
smb2_tree_connect_ext_decode(const struct smb2_tree_connect_req *c,
			     struct smb2_tree_connect_ext *ret)
{
	struct smb2_tree_connect_ext e = { 0 };
	struct rd r		       = rd_init(c->buffer);
	uint32_t off		       = rd_u32(&r);

	e.context_count = rd_u16(&r);
	rd_zero(&r, 10);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	if (e.context_count > 0) {
		REQUIRE(off >= FIXED && off - FIXED >= r.pos && off - FIXED < r.end,
			STATUS_INVALID_PARAMETER);
		e.contexts = rd_region(&r, off - FIXED, r.end - (off - FIXED));
	}
	*ret = e;
	return STATUS_SUCCESS;
}

/* Writes the plain form; no client of ours remotes identities. */
void
smb2_tree_connect_req_encode(struct wr *w, size_t hdr_at, const struct smb2_tree_connect_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 9);
	wr_u16(w, c->flags);
	at = wr_hole(w, 4);
	body_put16(w, hdr_at, at, at + 2, c->path);
	body_end(w, hdr_at, 9);
}

/* 2.2.10 SMB2 TREE_CONNECT Response. */
nt
smb2_tree_connect_rsp_decode(struct rd *r, struct smb2_tree_connect_rsp *ret)
{
	struct smb2_tree_connect_rsp c = { 0 };

	TRY(body_open(r, 16));
	c.share_type = rd_u8(r);
	rd_zero(r, 1);
	c.share_flags	 = rd_u32(r);
	c.capabilities	 = rd_u32(r);
	c.maximal_access = rd_u32(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_tree_connect_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_tree_connect_rsp *c)
{
	body_begin(w, hdr_at, 16);
	wr_u8(w, c->share_type);
	wr_u8(w, 0);
	wr_u32(w, c->share_flags);
	wr_u32(w, c->capabilities);
	wr_u32(w, c->maximal_access);
}
