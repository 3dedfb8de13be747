/*
 * session_setup.c - SESSION_SETUP.  [MS-SMB2] 2.2.5, 2.2.6
 */
#include "proto/smb2/session_setup.h"

#include "proto/smb2/body.h"

/* 2.2.5 SMB2 SESSION_SETUP Request. */
nt
smb2_session_setup_req_decode(struct rd *r, struct smb2_session_setup_req *ret)
{
	struct smb2_session_setup_req c = { 0 };
	uint16_t off, len;

	TRY(body_open(r, 25));
	c.flags		      = rd_u8(r);
	c.security_mode	      = rd_u8(r);
	c.capabilities	      = rd_u32(r);
	c.channel	      = rd_u32(r);
	off		      = rd_u16(r);
	len		      = rd_u16(r);
	c.previous_session_id = rd_u64(r);
	c.token		      = rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_session_setup_req_encode(struct wr *w, size_t hdr_at, const struct smb2_session_setup_req *c)
{
	size_t at;

	body_begin(w, hdr_at, 25);
	wr_u8(w, c->flags);
	wr_u8(w, c->security_mode);
	wr_u32(w, c->capabilities);
	wr_u32(w, c->channel);
	at = wr_hole(w, 4);
	wr_u64(w, c->previous_session_id);
	body_put16(w, hdr_at, at, at + 2, c->token);
	body_end(w, hdr_at, 25);
}

/* 2.2.6 SMB2 SESSION_SETUP Response. */
nt
smb2_session_setup_rsp_decode(struct rd *r, struct smb2_session_setup_rsp *ret)
{
	struct smb2_session_setup_rsp c = { 0 };
	uint16_t off, len;

	TRY(body_open(r, 9));
	c.session_flags = rd_u16(r);
	off		= rd_u16(r);
	len		= rd_u16(r);
	c.token		= rd_region(r, off, len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_session_setup_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_session_setup_rsp *c)
{
	size_t at;

	body_begin(w, hdr_at, 9);
	wr_u16(w, c->session_flags);
	at = wr_hole(w, 4);
	body_put16(w, hdr_at, at, at + 2, c->token);
}
