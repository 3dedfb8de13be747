/*
 * change_notify.c - CHANGE_NOTIFY.  [MS-SMB2] 2.2.35, 2.2.36
 */
#include "proto/smb2/change_notify.h"

#include "proto/smb2/body.h"

/* 2.2.35 SMB2 CHANGE_NOTIFY Request. */
nt
smb2_change_notify_req_decode(struct rd *r, struct smb2_change_notify_req *ret)
{
	struct smb2_change_notify_req c = { 0 };

	TRY(body_open(r, 32));
	c.flags		    = rd_u16(r);
	c.output_length	    = rd_u32(r);
	c.fid		    = rd_fid(r);
	c.completion_filter = rd_u32(r);
	rd_zero(r, 4);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_change_notify_req_encode(struct wr *w, size_t hdr_at, const struct smb2_change_notify_req *c)
{
	body_begin(w, hdr_at, 32);
	wr_u16(w, c->flags);
	wr_u32(w, c->output_length);
	wr_fid(w, c->fid);
	wr_u32(w, c->completion_filter);
	wr_u32(w, 0);
}

/* 2.2.36 SMB2 CHANGE_NOTIFY Response. */
nt
smb2_change_notify_rsp_decode(struct rd *r, struct smb2_change_notify_rsp *ret)
{
	return body_output_decode(r, &ret->output);
}

void
smb2_change_notify_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_change_notify_rsp *c)
{
	body_output_encode(w, hdr_at, c->output);
}
