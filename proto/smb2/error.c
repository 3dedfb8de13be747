/*
 * error.c - the ERROR response and its bodies.  [MS-SMB2] 2.2.2
 */
#include "proto/smb2/error.h"

#include "proto/smb2/body.h"

#define SYMLINK_TAG	    0x4C4D5953u /* "SYML" */
#define REPARSE_TAG_SYMLINK 0xA000000Cu

/* 2.2.2 SMB2 ERROR Response. */
nt
smb2_error_rsp_decode(struct rd *r, struct smb2_error_rsp *ret)
{
	struct smb2_error_rsp c = { 0 };
	uint32_t count;

	TRY(body_open(r, 9));
	c.context_count = rd_u8(r);
	rd_zero(r, 1);
	count  = rd_u32(r);
	c.data = rd_bytes(r, count);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_error_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_error_rsp *c)
{
	if (c->data.n > UINT32_MAX)
		w->bad = true;
	body_begin(w, hdr_at, 9);
	wr_u8(w, c->context_count);
	wr_u8(w, 0);
	wr_u32(w, (uint32_t)c->data.n);
	wr_span(w, c->data);
	body_end(w, hdr_at, 9);
}

/* 2.2.2.1 SMB2 ERROR Context Response.  Each starts on a multiple of 8 but the padding may lack. */
nt
smb2_error_context_next(struct span *list, struct smb2_error_context *ret)
{
	struct smb2_error_context c = { 0 };
	struct rd r		    = rd_init(*list);
	uint32_t len		    = rd_u32(&r);
	size_t pad;

	c.id   = rd_u32(&r);
	c.data = rd_bytes(&r, len);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	pad = (8 - r.pos % 8) % 8;
	rd_zero(&r, pad < rd_left(&r) ? pad : rd_left(&r));
	*list = SPAN(list->p + r.pos, list->n - r.pos);
	*ret  = c;
	return STATUS_SUCCESS;
}

void
smb2_error_context_encode(struct wr *w, const struct smb2_error_context *c)
{
	if (c->data.n > UINT32_MAX)
		w->bad = true;
	wr_u32(w, (uint32_t)c->data.n);
	wr_u32(w, c->id);
	wr_span(w, c->data);
}

/* 2.2.2.2.1 Symbolic Link Error Response: name offsets count from PathBuffer. */
nt
smb2_symlink_error_decode(struct span data, struct smb2_symlink_error *ret)
{
	struct smb2_symlink_error c = { 0 };
	struct rd r		    = rd_init(data);
	uint32_t len, tag, reparse;
	uint16_t sub_off, sub_len, print_off, print_len;
	struct rd path;

	len	= rd_u32(&r);
	tag	= rd_u32(&r);
	reparse = rd_u32(&r);
	rd_zero(&r, 2);
	c.unparsed_length = rd_u16(&r);
	sub_off		  = rd_u16(&r);
	sub_len		  = rd_u16(&r);
	print_off	  = rd_u16(&r);
	print_len	  = rd_u16(&r);
	c.flags		  = rd_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(tag == SYMLINK_TAG && reparse == REPARSE_TAG_SYMLINK, STATUS_INVALID_PARAMETER);
	REQUIRE(len >= r.pos - 4 && len <= data.n - 4, STATUS_INVALID_PARAMETER);
	path	     = rd_init(rd_rest(&r));
	c.substitute = rd_region(&path, sub_off, sub_len);
	c.print	     = rd_region(&path, print_off, print_len);
	REQUIRE(rd_ok(&path), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* ReparseDataLength counts from SubstituteNameOffset on. */
void
smb2_symlink_error_encode(struct wr *w, const struct smb2_symlink_error *c)
{
	size_t names = c->substitute.n + c->print.n;

	if (names > UINT16_MAX - 12)
		w->bad = true;
	wr_u32(w, (uint32_t)(24 + names));
	wr_u32(w, SYMLINK_TAG);
	wr_u32(w, REPARSE_TAG_SYMLINK);
	wr_u16(w, (uint16_t)(12 + names));
	wr_u16(w, c->unparsed_length);
	wr_u16(w, 0);
	wr_u16(w, (uint16_t)c->substitute.n);
	wr_u16(w, (uint16_t)c->substitute.n);
	wr_u16(w, (uint16_t)c->print.n);
	wr_u32(w, c->flags);
	wr_span(w, c->substitute);
	wr_span(w, c->print);
}
