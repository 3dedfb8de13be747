/*
 * header.c - the SMB2 header, the compound walk and the transform header.
 * [MS-SMB2] 2.2.1, 2.2.41, 3.3.5.2.7
 */
#include "proto/smb2/header.h"

/* [MS-SMB2] 2.2.1.1 and 2.2.1.2: the two forms differ in eight bytes. */
nt
smb2_hdr_decode(struct rd *r, struct smb2_hdr *ret)
{
	struct smb2_hdr h = { 0 };
	uint32_t magic	  = rd_u32(r);
	uint16_t size	  = rd_u16(r);
	struct rd ids;

	h.credit_charge = rd_u16(r);
	h.status	= (nt){ rd_u32(r) };
	h.command	= rd_u16(r);
	h.credits	= rd_u16(r);
	h.flags		= rd_u32(r);
	h.next		= rd_u32(r);
	h.message_id	= rd_u64(r);
	ids		= *r;
	rd_zero(r, 8);
	h.session_id = rd_u64(r);
	rd_copy(r, h.signature, sizeof h.signature);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(magic == SMB2_MAGIC && size == SMB2_HDR_SIZE, STATUS_INVALID_PARAMETER);
	if (smb2_hdr_is_async(&h)) {
		h.async_id = rd_u64(&ids);
	} else {
		h.process_id = rd_u32(&ids);
		h.tree_id    = rd_u32(&ids);
	}
	*ret = h;
	return STATUS_SUCCESS;
}

void
smb2_hdr_encode(struct wr *w, const struct smb2_hdr *h)
{
	wr_u32(w, SMB2_MAGIC);
	wr_u16(w, SMB2_HDR_SIZE);
	wr_u16(w, h->credit_charge);
	wr_u32(w, h->status.code);
	wr_u16(w, h->command);
	wr_u16(w, h->credits);
	wr_u32(w, h->flags);
	wr_u32(w, h->next);
	wr_u64(w, h->message_id);
	if (smb2_hdr_is_async(h)) {
		wr_u64(w, h->async_id);
	} else {
		wr_u32(w, h->process_id);
		wr_u32(w, h->tree_id);
	}
	wr_u64(w, h->session_id);
	wr_bytes(w, h->signature, sizeof h->signature);
}

void
smb2_hdr_patch_status(struct wr *w, size_t hdr_at, nt status)
{
	wr_patch32(w, hdr_at + SMB2_HDR_AT_STATUS, status.code);
}

void
smb2_hdr_patch_credits(struct wr *w, size_t hdr_at, uint16_t credits)
{
	wr_patch16(w, hdr_at + SMB2_HDR_AT_CREDITS, credits);
}

void
smb2_hdr_patch_flags(struct wr *w, size_t hdr_at, uint32_t flags)
{
	wr_patch32(w, hdr_at + SMB2_HDR_AT_FLAGS, flags);
}

void
smb2_hdr_close_element(struct wr *w, size_t hdr_at)
{
	wr_zero(w, (8 - (w->pos - hdr_at) % 8) % 8);
	wr_patch32(w, hdr_at + SMB2_HDR_AT_NEXT, (uint32_t)(w->pos - hdr_at));
}

enum smb2_kind
smb2_kind_of(struct span frame)
{
	struct rd r = rd_init(frame);

	switch (rd_u32(&r)) {
	case SMB1_MAGIC:
		return SMB2_KIND_SMB1;
	case SMB2_MAGIC:
		return SMB2_KIND_SMB2;
	case SMB2_TRANSFORM_MAGIC:
		return SMB2_KIND_TRANSFORM;
	case SMB2_COMPRESSION_MAGIC:
		return SMB2_KIND_COMPRESSED;
	default:
		return SMB2_KIND_OTHER;
	}
}

struct smb2_chain
smb2_chain_init(struct span msg)
{
	return (struct smb2_chain){ .left = msg };
}

bool
smb2_chain_more(const struct smb2_chain *c)
{
	return c->left.n > 0;
}

/* 3.3.5.2.7: each step is at least one header long, or the walk would not end. */
nt
smb2_chain_next(struct smb2_chain *c, struct smb2_element *ret)
{
	struct smb2_element e = { 0 };
	struct rd r	      = rd_init(c->left);
	size_t step;

	TRY(smb2_hdr_decode(&r, &e.hdr));
	e.last = e.hdr.next == 0;
	step   = e.last ? c->left.n : e.hdr.next;
	if (!e.last)
		REQUIRE(step % 8 == 0 && step >= SMB2_HDR_SIZE && step < c->left.n,
			STATUS_INVALID_PARAMETER);
	e.bytes = SPAN(c->left.p, step);
	e.body	= rd_init(e.bytes);
	rd_zero(&e.body, SMB2_HDR_SIZE);
	c->left = SPAN(c->left.p + step, c->left.n - step);
	*ret	= e;
	return STATUS_SUCCESS;
}

nt
smb2_transform_decode(struct rd *r, struct smb2_transform *ret)
{
	struct smb2_transform t = { 0 };
	uint32_t magic		= rd_u32(r);

	rd_copy(r, t.signature, sizeof t.signature);
	rd_copy(r, t.nonce, sizeof t.nonce);
	t.original_size = rd_u32(r);
	rd_zero(r, 2);
	t.flags	     = rd_u16(r);
	t.session_id = rd_u64(r);
	REQUIRE(rd_ok(r) && magic == SMB2_TRANSFORM_MAGIC, STATUS_INVALID_PARAMETER);
	REQUIRE(t.flags == SMB2_TRANSFORM_FLAG_ENCRYPTED, STATUS_INVALID_PARAMETER);
	*ret = t;
	return STATUS_SUCCESS;
}

void
smb2_transform_encode(struct wr *w, const struct smb2_transform *t)
{
	wr_u32(w, SMB2_TRANSFORM_MAGIC);
	wr_bytes(w, t->signature, sizeof t->signature);
	wr_bytes(w, t->nonce, sizeof t->nonce);
	wr_u32(w, t->original_size);
	wr_u16(w, 0);
	wr_u16(w, t->flags);
	wr_u64(w, t->session_id);
}
