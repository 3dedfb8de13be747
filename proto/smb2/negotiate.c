/*
 * negotiate.c - NEGOTIATE.  [MS-SMB2] 2.2.3, 2.2.4
 */
#include "proto/smb2/negotiate.h"

#include "proto/smb2/body.h"

bool
smb2_negotiate_req_offers(const struct smb2_negotiate_req *c, uint16_t dialect)
{
	for (uint16_t i = 0; i < c->dialect_count; i++)
		if (c->dialects[i] == dialect)
			return true;
	return false;
}

/* The list stands at an offset from the header and must be 8-aligned; r does not move. */
static nt
contexts_at(const struct rd *r, uint32_t off, uint16_t count, struct smb2_neg_contexts *ret)
{
	struct rd t = *r;

	REQUIRE(off % 8 == 0 && off >= r->pos && off <= r->end, STATUS_INVALID_PARAMETER);
	t.pos = off;
	return smb2_neg_contexts_decode(&t, count, ret);
}

/* 2.2.3 SMB2 NEGOTIATE Request. */
nt
smb2_negotiate_req_decode(struct rd *r, struct smb2_negotiate_req *ret)
{
	struct smb2_negotiate_req c = { 0 };
	uint32_t ctx_off;
	uint16_t ctx_count;

	TRY(body_open(r, 36));
	c.dialect_count = rd_u16(r);
	c.security_mode = rd_u16(r);
	rd_zero(r, 2);
	c.capabilities = rd_u32(r);
	rd_copy(r, c.client_guid, sizeof c.client_guid);
	ctx_off	  = rd_u32(r); /* ClientStartTime before 3.1.1 */
	ctx_count = rd_u16(r);
	rd_zero(r, 2);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(c.dialect_count <= SMB2_DIALECTS_MAX, STATUS_INVALID_PARAMETER);
	for (uint16_t i = 0; i < c.dialect_count; i++)
		c.dialects[i] = rd_u16(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	c.has_contexts = smb2_negotiate_req_offers(&c, SMB2_DIALECT_311);
	if (c.has_contexts)
		TRY(contexts_at(r, ctx_off, ctx_count, &c.contexts));
	*ret = c;
	return STATUS_SUCCESS;
}

static void
contexts_put(struct wr *w, size_t hdr_at, size_t off_at, size_t count_at,
	     const struct smb2_neg_contexts *c)
{
	body_align(w, hdr_at, 8);
	wr_patch32(w, off_at, (uint32_t)(w->pos - hdr_at));
	wr_patch16(w, count_at, smb2_neg_contexts_encode(w, hdr_at, c));
}

void
smb2_negotiate_req_encode(struct wr *w, size_t hdr_at, const struct smb2_negotiate_req *c)
{
	size_t off_at, count_at;

	body_begin(w, hdr_at, 36);
	wr_u16(w, c->dialect_count);
	wr_u16(w, c->security_mode);
	wr_u16(w, 0);
	wr_u32(w, c->capabilities);
	wr_bytes(w, c->client_guid, sizeof c->client_guid);
	off_at	 = wr_hole(w, 4);
	count_at = wr_hole(w, 2);
	wr_u16(w, 0);
	for (uint16_t i = 0; i < c->dialect_count; i++)
		wr_u16(w, c->dialects[i]);
	if (c->has_contexts)
		contexts_put(w, hdr_at, off_at, count_at, &c->contexts);
}

/* 2.2.4 SMB2 NEGOTIATE Response. */
nt
smb2_negotiate_rsp_decode(struct rd *r, struct smb2_negotiate_rsp *ret)
{
	struct smb2_negotiate_rsp c = { 0 };
	uint16_t ctx_count, token_off, token_len;
	uint32_t ctx_off;

	TRY(body_open(r, 65));
	c.security_mode = rd_u16(r);
	c.dialect	= rd_u16(r);
	ctx_count	= rd_u16(r);
	rd_copy(r, c.server_guid, sizeof c.server_guid);
	c.capabilities	    = rd_u32(r);
	c.max_transact	    = rd_u32(r);
	c.max_read	    = rd_u32(r);
	c.max_write	    = rd_u32(r);
	c.system_time	    = rd_u64(r);
	c.server_start_time = rd_u64(r);
	token_off	    = rd_u16(r);
	token_len	    = rd_u16(r);
	ctx_off		    = rd_u32(r);
	c.token		    = rd_region(r, token_off, token_len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	if (c.dialect == SMB2_DIALECT_311)
		TRY(contexts_at(r, ctx_off, ctx_count, &c.contexts));
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_negotiate_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_negotiate_rsp *c)
{
	size_t count_at, token_at, off_at;

	body_begin(w, hdr_at, 65);
	wr_u16(w, c->security_mode);
	wr_u16(w, c->dialect);
	count_at = wr_hole(w, 2);
	wr_bytes(w, c->server_guid, sizeof c->server_guid);
	wr_u32(w, c->capabilities);
	wr_u32(w, c->max_transact);
	wr_u32(w, c->max_read);
	wr_u32(w, c->max_write);
	wr_u64(w, c->system_time);
	wr_u64(w, c->server_start_time);
	token_at = wr_hole(w, 4);
	off_at	 = wr_hole(w, 4);
	body_put16(w, hdr_at, token_at, token_at + 2, c->token);
	if (c->dialect == SMB2_DIALECT_311)
		contexts_put(w, hdr_at, off_at, count_at, &c->contexts);
}
