/*
 * write.c - WRITE.  [MS-SMB2] 2.2.21, 2.2.22
 */
#include "proto/smb2/write.h"

#include "proto/smb2/body.h"
#include "proto/smb2/read.h"

struct places {
	uint16_t data_off;
	uint16_t info_off;
	uint16_t info_len;
};

/* 2.2.21 SMB2 WRITE Request, without what its offsets point to. */
static nt
fixed_read(struct rd *r, struct smb2_write_req *c, struct places *p)
{
	TRY(body_open(r, 49));
	p->data_off	   = rd_u16(r);
	c->length	   = rd_u32(r);
	c->offset	   = rd_u64(r);
	c->fid		   = rd_fid(r);
	c->channel	   = rd_u32(r);
	c->remaining_bytes = rd_u32(r);
	p->info_off	   = rd_u16(r);
	p->info_len	   = rd_u16(r);
	c->flags	   = rd_u32(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
smb2_write_req_decode(struct rd *r, struct smb2_write_req *ret)
{
	struct smb2_write_req c = { 0 };
	struct places p;

	TRY(fixed_read(r, &c, &p));
	if (c.channel != SMB2_CHANNEL_NONE)
		c.channel_info = rd_region(r, p.info_off, p.info_len);
	c.data = rd_region(r, p.data_off, c.length);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
smb2_write_req_decode_prefix(struct rd *r, size_t element_len, struct smb2_write_req *ret,
			     uint32_t *ret_data_off)
{
	struct smb2_write_req c = { 0 };
	struct places p;

	TRY(fixed_read(r, &c, &p));
	REQUIRE(c.channel == SMB2_CHANNEL_NONE, STATUS_INVALID_PARAMETER);
	if (c.length > 0) {
		REQUIRE(p.data_off >= r->pos && p.data_off <= element_len,
			STATUS_INVALID_PARAMETER);
		REQUIRE(c.length <= element_len - p.data_off, STATUS_INVALID_PARAMETER);
	}
	*ret	      = c;
	*ret_data_off = p.data_off;
	return STATUS_SUCCESS;
}

/* Returns where the channel info's offset and length stand. */
static size_t
fixed_put(struct wr *w, size_t hdr_at, const struct smb2_write_req *c, uint32_t length)
{
	size_t at;

	body_begin(w, hdr_at, 49);
	wr_u16(w, SMB2_HDR_SIZE + SMB2_WRITE_REQ_FIXED);
	wr_u32(w, length);
	wr_u64(w, c->offset);
	wr_fid(w, c->fid);
	wr_u32(w, c->channel);
	wr_u32(w, c->remaining_bytes);
	at = wr_hole(w, 4);
	wr_u32(w, c->flags);
	return at;
}

void
smb2_write_req_encode_head(struct wr *w, size_t hdr_at, const struct smb2_write_req *c)
{
	(void)fixed_put(w, hdr_at, c, c->length);
}

void
smb2_write_req_encode(struct wr *w, size_t hdr_at, const struct smb2_write_req *c)
{
	size_t at;

	if (c->data.n > UINT32_MAX)
		w->bad = true;
	at = fixed_put(w, hdr_at, c, (uint32_t)c->data.n);
	wr_span(w, c->data);
	if (c->channel_info.n > 0)
		body_put16(w, hdr_at, at, at + 2, c->channel_info);
	body_end(w, hdr_at, 49);
}

/* 2.2.22 SMB2 WRITE Response. */
nt
smb2_write_rsp_decode(struct rd *r, struct smb2_write_rsp *ret)
{
	struct smb2_write_rsp c = { 0 };

	TRY(body_open(r, 17));
	rd_zero(r, 2);
	c.count	    = rd_u32(r);
	c.remaining = rd_u32(r);
	rd_zero(r, 4);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_write_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_write_rsp *c)
{
	body_begin(w, hdr_at, 17);
	wr_u16(w, 0);
	wr_u32(w, c->count);
	wr_u32(w, c->remaining);
	wr_u32(w, 0);
}
