/*
 * lock.c - LOCK.  [MS-SMB2] 2.2.26, 2.2.27
 */
#include "proto/smb2/lock.h"

#include "proto/smb2/body.h"

/* 2.2.26 SMB2 LOCK Request. */
nt
smb2_lock_req_decode(struct rd *r, struct smb2_lock_req *ret)
{
	struct smb2_lock_req c = { 0 };

	TRY(body_open(r, 48));
	c.count	   = rd_u16(r);
	c.sequence = rd_u32(r);
	c.fid	   = rd_fid(r);
	c.elements = rd_bytes(r, (size_t)c.count * SMB2_LOCK_ELEMENT_SIZE);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_lock_req_encode(struct wr *w, size_t hdr_at, const struct smb2_lock_req *c)
{
	body_begin(w, hdr_at, 48);
	wr_u16(w, c->count);
	wr_u32(w, c->sequence);
	wr_fid(w, c->fid);
	wr_span(w, c->elements);
}

nt
smb2_lock_rsp_decode(struct rd *r, struct smb2_lock_rsp *ret)
{
	return body_empty_decode(r, &ret->reserved);
}

void
smb2_lock_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_lock_rsp *c)
{
	body_empty_encode(w, hdr_at, c->reserved);
}

/* 2.2.26.1 SMB2_LOCK_ELEMENT. */
struct smb2_lock_element
smb2_lock_element_at(struct span elements, uint16_t i)
{
	struct smb2_lock_element e;
	struct rd r = rd_init(elements);

	rd_zero(&r, (size_t)i * SMB2_LOCK_ELEMENT_SIZE);
	e.offset = rd_u64(&r);
	e.length = rd_u64(&r);
	e.flags	 = rd_u32(&r);
	return e;
}

void
smb2_lock_element_encode(struct wr *w, const struct smb2_lock_element *e)
{
	wr_u64(w, e->offset);
	wr_u64(w, e->length);
	wr_u32(w, e->flags);
	wr_u32(w, 0);
}
