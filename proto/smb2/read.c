/*
 * read.c - READ.  [MS-SMB2] 2.2.19, 2.2.20
 */
#include "proto/smb2/read.h"

#include "proto/smb2/body.h"

/* 2.2.19 SMB2 READ Request.  Channel info has a meaning only if Channel names one. */
nt
smb2_read_req_decode(struct rd *r, struct smb2_read_req *ret)
{
	struct smb2_read_req c = { 0 };
	uint16_t off, len;

	TRY(body_open(r, 49));
	c.padding	  = rd_u8(r);
	c.flags		  = rd_u8(r);
	c.length	  = rd_u32(r);
	c.offset	  = rd_u64(r);
	c.fid		  = rd_fid(r);
	c.minimum_count	  = rd_u32(r);
	c.channel	  = rd_u32(r);
	c.remaining_bytes = rd_u32(r);
	off		  = rd_u16(r);
	len		  = rd_u16(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	if (c.channel != SMB2_CHANNEL_NONE)
		c.channel_info = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_read_req_encode(struct wr *w, size_t hdr_at, const struct smb2_read_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 49);
	wr_u8(w, c->padding);
	wr_u8(w, c->flags);
	wr_u32(w, c->length);
	wr_u64(w, c->offset);
	wr_fid(w, c->fid);
	wr_u32(w, c->minimum_count);
	wr_u32(w, c->channel);
	wr_u32(w, c->remaining_bytes);
	at = wr_hole(w, 4);
	if (c->channel_info.n > 0)
		body_put16(w, hdr_at, at, at + 2, c->channel_info);
	body_end(w, hdr_at, 49);
}

/* 2.2.20 SMB2 READ Response. */
nt
smb2_read_rsp_decode(struct rd *r, struct smb2_read_rsp *ret)
{
	struct smb2_read_rsp c = { 0 };
	uint8_t off;
	uint32_t len;

	TRY(body_open(r, 17));
	off = rd_u8(r);
	rd_zero(r, 1);
	len		 = rd_u32(r);
	c.data_remaining = rd_u32(r);
	c.flags		 = rd_u32(r);
	c.data		 = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

static void
head_put(struct wr *w, size_t hdr_at, uint32_t data_len, uint32_t remaining, uint32_t flags)
{
	body_begin(w, hdr_at, 17);
	wr_u8(w, SMB2_READ_RSP_DATA_OFFSET);
	wr_u8(w, 0);
	wr_u32(w, data_len);
	wr_u32(w, remaining);
	wr_u32(w, flags);
}

void
smb2_read_rsp_encode_head(struct wr *w, size_t hdr_at, uint32_t data_len)
{
	head_put(w, hdr_at, data_len, 0, 0);
}

void
smb2_read_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_read_rsp *c)
{
	if (c->data.n > UINT32_MAX)
		w->bad = true;
	head_put(w, hdr_at, (uint32_t)c->data.n, c->data_remaining, c->flags);
	wr_span(w, c->data);
}
