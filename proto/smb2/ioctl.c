/*
 * ioctl.c - IOCTL.  [MS-SMB2] 2.2.31, 2.2.32
 */
#include "proto/smb2/ioctl.h"

#include "proto/smb2/body.h"

/* 2.2.31 SMB2 IOCTL Request. */
nt
smb2_ioctl_req_decode(struct rd *r, struct smb2_ioctl_req *ret)
{
	struct smb2_ioctl_req c = { 0 };
	uint32_t in_off, in_len, out_off, out_len;

	TRY(body_open(r, 57));
	rd_zero(r, 2);
	c.ctl_code	      = rd_u32(r);
	c.fid		      = rd_fid(r);
	in_off		      = rd_u32(r);
	in_len		      = rd_u32(r);
	c.max_input_response  = rd_u32(r);
	out_off		      = rd_u32(r);
	out_len		      = rd_u32(r);
	c.max_output_response = rd_u32(r);
	c.flags		      = rd_u32(r);
	rd_zero(r, 4);
	c.input	 = rd_region(r, in_off, in_len);
	c.output = rd_region(r, out_off, out_len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_ioctl_req_encode(struct wr *w, size_t hdr_at, const struct smb2_ioctl_req *c)
{
	size_t in_at, out_at;

	body_begin(w, hdr_at, 57);
	wr_u16(w, 0);
	wr_u32(w, c->ctl_code);
	wr_fid(w, c->fid);
	in_at = wr_hole(w, 8);
	wr_u32(w, c->max_input_response);
	out_at = wr_hole(w, 8);
	wr_u32(w, c->max_output_response);
	wr_u32(w, c->flags);
	wr_u32(w, 0);
	if (c->input.n > 0)
		body_put32(w, hdr_at, in_at, in_at + 4, c->input);
	if (c->output.n > 0) {
		body_align(w, hdr_at, 8);
		body_put32(w, hdr_at, out_at, out_at + 4, c->output);
	}
	body_end(w, hdr_at, 57);
}

/* 2.2.32 SMB2 IOCTL Response. */
nt
smb2_ioctl_rsp_decode(struct rd *r, struct smb2_ioctl_rsp *ret)
{
	struct smb2_ioctl_rsp c = { 0 };
	uint32_t in_off, in_len, out_off, out_len;

	TRY(body_open(r, 49));
	rd_zero(r, 2);
	c.ctl_code = rd_u32(r);
	c.fid	   = rd_fid(r);
	in_off	   = rd_u32(r);
	in_len	   = rd_u32(r);
	out_off	   = rd_u32(r);
	out_len	   = rd_u32(r);
	c.flags	   = rd_u32(r);
	rd_zero(r, 4);
	c.input	 = rd_region(r, in_off, in_len);
	c.output = rd_region(r, out_off, out_len);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_ioctl_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_ioctl_rsp *c)
{
	size_t at;

	body_begin(w, hdr_at, 49);
	wr_u16(w, 0);
	wr_u32(w, c->ctl_code);
	wr_fid(w, c->fid);
	at = wr_hole(w, 16);
	wr_u32(w, c->flags);
	wr_u32(w, 0);
	body_put32(w, hdr_at, at, at + 4, c->input);
	body_align(w, hdr_at, 8);
	body_put32(w, hdr_at, at + 8, at + 12, c->output);
}
