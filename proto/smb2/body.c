/*
 * body.c - what the body codecs share.
 */
#include "proto/smb2/body.h"

nt
body_open(struct rd *r, uint16_t structure_size)
{
	uint16_t size = rd_u16(r);

	REQUIRE(rd_ok(r) && size == structure_size, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

void
body_begin(struct wr *w, size_t hdr_at, uint16_t structure_size)
{
	if (w->pos < hdr_at || w->pos - hdr_at != SMB2_HDR_SIZE)
		w->bad = true;
	wr_u16(w, structure_size);
}

void
body_end(struct wr *w, size_t hdr_at, uint16_t structure_size)
{
	if (!w->bad && w->pos - hdr_at < (size_t)SMB2_HDR_SIZE + structure_size)
		wr_u8(w, 0);
}

nt
body_empty_decode(struct rd *r, uint16_t *ret_reserved)
{
	uint16_t reserved;

	TRY(body_open(r, 4));
	reserved = rd_u16(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret_reserved = reserved;
	return STATUS_SUCCESS;
}

void
body_empty_encode(struct wr *w, size_t hdr_at, uint16_t reserved)
{
	body_begin(w, hdr_at, 4);
	wr_u16(w, reserved);
}

void
body_put16(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s)
{
	size_t off = w->pos - hdr_at;

	if (off > UINT16_MAX || s.n > UINT16_MAX)
		w->bad = true;
	wr_patch16(w, off_at, (uint16_t)off);
	wr_patch16(w, len_at, (uint16_t)s.n);
	wr_span(w, s);
}

void
body_put32(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s)
{
	size_t off = w->pos - hdr_at;

	if (off > UINT32_MAX || s.n > UINT32_MAX)
		w->bad = true;
	wr_patch32(w, off_at, (uint32_t)off);
	wr_patch32(w, len_at, (uint32_t)s.n);
	wr_span(w, s);
}

void
body_put16_32(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s)
{
	size_t off = w->pos - hdr_at;

	if (off > UINT16_MAX || s.n > UINT32_MAX)
		w->bad = true;
	wr_patch16(w, off_at, (uint16_t)off);
	wr_patch32(w, len_at, (uint32_t)s.n);
	wr_span(w, s);
}

void
body_align(struct wr *w, size_t hdr_at, size_t to)
{
	wr_zero(w, (to - (w->pos - hdr_at) % to) % to);
}

nt
body_output_decode(struct rd *r, struct span *ret)
{
	uint16_t off;
	uint32_t len;
	struct span output;

	TRY(body_open(r, 9));
	off    = rd_u16(r);
	len    = rd_u32(r);
	output = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = output;
	return STATUS_SUCCESS;
}

void
body_output_encode(struct wr *w, size_t hdr_at, struct span output)
{
	size_t at;

	body_begin(w, hdr_at, 9);
	at = wr_hole(w, 6);
	body_put16_32(w, hdr_at, at, at + 2, output);
}
