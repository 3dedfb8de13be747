/*
 * fsctl.c - FSCTL bodies that [MS-SMB2] defines itself, and the two small
 * requests that concern a server rather than a file.
 * [MS-SMB2] 2.2.31, 2.2.32; [MS-FSCC] 2.3.49; [MS-DFSC] 2.2.2
 */
#include "proto/smb2/fsctl.h"

/* 2.2.31.4 VALIDATE_NEGOTIATE_INFO Request. */
nt
smb2_validate_negotiate_req_decode(struct span in, struct smb2_validate_negotiate_req *ret)
{
	struct smb2_validate_negotiate_req c = { 0 };
	struct rd r			     = rd_init(in);

	c.capabilities = rd_u32(&r);
	rd_copy(&r, c.guid, sizeof c.guid);
	c.security_mode = rd_u16(&r);
	c.dialect_count = rd_u16(&r);
	c.dialects	= rd_bytes(&r, (size_t)c.dialect_count * 2);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_validate_negotiate_req_encode(struct wr *w, const struct smb2_validate_negotiate_req *c)
{
	wr_u32(w, c->capabilities);
	wr_bytes(w, c->guid, sizeof c->guid);
	wr_u16(w, c->security_mode);
	wr_u16(w, c->dialect_count);
	wr_span(w, c->dialects);
}

/* 2.2.32.6 VALIDATE_NEGOTIATE_INFO Response. */
nt
smb2_validate_negotiate_rsp_decode(struct span out, struct smb2_validate_negotiate_rsp *ret)
{
	struct smb2_validate_negotiate_rsp c = { 0 };
	struct rd r			     = rd_init(out);

	c.capabilities = rd_u32(&r);
	rd_copy(&r, c.guid, sizeof c.guid);
	c.security_mode = rd_u16(&r);
	c.dialect	= rd_u16(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_validate_negotiate_rsp_encode(struct wr *w, const struct smb2_validate_negotiate_rsp *c)
{
	wr_u32(w, c->capabilities);
	wr_bytes(w, c->guid, sizeof c->guid);
	wr_u16(w, c->security_mode);
	wr_u16(w, c->dialect);
}

/* 2.2.31.1 SRV_COPYCHUNK_COPY. */
nt
smb2_copychunk_req_decode(struct span in, struct smb2_copychunk_req *ret)
{
	struct smb2_copychunk_req c = { 0 };
	struct rd r		    = rd_init(in);

	rd_copy(&r, c.source_key, sizeof c.source_key);
	c.count = rd_u32(&r);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(c.count <= rd_left(&r) / SMB2_COPYCHUNK_ELEMENT, STATUS_INVALID_PARAMETER);
	c.chunks = rd_bytes(&r, (size_t)c.count * SMB2_COPYCHUNK_ELEMENT);
	*ret	 = c;
	return STATUS_SUCCESS;
}

void
smb2_copychunk_req_encode(struct wr *w, const struct smb2_copychunk_req *c)
{
	wr_bytes(w, c->source_key, sizeof c->source_key);
	wr_u32(w, c->count);
	wr_u32(w, 0);
	wr_span(w, c->chunks);
}

/* 2.2.32.1 SRV_COPYCHUNK_RESPONSE. */
nt
smb2_copychunk_rsp_decode(struct span out, struct smb2_copychunk_rsp *ret)
{
	struct smb2_copychunk_rsp c = { 0 };
	struct rd r		    = rd_init(out);

	c.chunks_written      = rd_u32(&r);
	c.chunk_bytes_written = rd_u32(&r);
	c.total_bytes_written = rd_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_copychunk_rsp_encode(struct wr *w, const struct smb2_copychunk_rsp *c)
{
	wr_u32(w, c->chunks_written);
	wr_u32(w, c->chunk_bytes_written);
	wr_u32(w, c->total_bytes_written);
}

/* 2.2.31.1.1 SRV_COPYCHUNK. */
struct smb2_copychunk
smb2_copychunk_at(struct span chunks, uint32_t i)
{
	struct smb2_copychunk c;
	struct rd r = rd_init(chunks);

	rd_zero(&r, (size_t)i * SMB2_COPYCHUNK_ELEMENT);
	c.source_offset = rd_u64(&r);
	c.target_offset = rd_u64(&r);
	c.length	= rd_u32(&r);
	return c;
}

void
smb2_copychunk_encode(struct wr *w, const struct smb2_copychunk *c)
{
	wr_u64(w, c->source_offset);
	wr_u64(w, c->target_offset);
	wr_u32(w, c->length);
	wr_u32(w, 0);
}

/* 2.2.32.3 SRV_REQUEST_RESUME_KEY Response.  ContextLength is 0, so Context is empty. */
nt
smb2_resume_key_rsp_decode(struct span out, struct smb2_resume_key_rsp *ret)
{
	struct smb2_resume_key_rsp c;
	struct rd r = rd_init(out);

	rd_copy(&r, c.key, sizeof c.key);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Windows: four more zero bytes follow where Context would be, and clients count on 32. */
void
smb2_resume_key_rsp_encode(struct wr *w, const struct smb2_resume_key_rsp *c)
{
	wr_bytes(w, c->key, sizeof c->key);
	wr_u32(w, 0);
	wr_u32(w, 0);
}

/* 2.2.31.3 NETWORK_RESILIENCY_REQUEST Request. */
nt
smb2_resiliency_req_decode(struct span in, struct smb2_resiliency_req *ret)
{
	struct smb2_resiliency_req c = { 0 };
	struct rd r		     = rd_init(in);

	c.timeout = rd_u32(&r);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_resiliency_req_encode(struct wr *w, const struct smb2_resiliency_req *c)
{
	wr_u32(w, c->timeout);
	wr_u32(w, 0);
}

/* [MS-FSCC] 2.3.49 FSCTL_PIPE_WAIT Request. */
nt
fsctl_pipe_wait_req_decode(struct span in, struct fsctl_pipe_wait_req *ret)
{
	struct fsctl_pipe_wait_req c = { 0 };
	struct rd r		     = rd_init(in);
	uint32_t name_len;

	c.timeout	= rd_u64(&r);
	name_len	= rd_u32(&r);
	c.timeout_given = rd_u8(&r) != 0;
	rd_zero(&r, 1);
	c.name = rd_bytes(&r, name_len);
	REQUIRE(rd_ok(&r) && name_len % 2 == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
fsctl_pipe_wait_req_encode(struct wr *w, const struct fsctl_pipe_wait_req *c)
{
	if (c->name.n > UINT32_MAX)
		w->bad = true;
	wr_u64(w, c->timeout);
	wr_u32(w, (uint32_t)c->name.n);
	wr_u8(w, c->timeout_given);
	wr_u8(w, 0);
	wr_span(w, c->name);
}

/* [MS-DFSC] 2.2.2: a level and a path that ends with a UTF-16 NUL. */
nt
fsctl_dfs_referral_req_decode(struct span in, struct fsctl_dfs_referral_req *ret)
{
	struct fsctl_dfs_referral_req c = { 0 };
	struct rd r			= rd_init(in);
	struct span rest;

	c.max_level = rd_u16(&r);
	rest	    = rd_rest(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	for (size_t i = 0; i + 1 < rest.n; i += 2) {
		if (rest.p[i] == 0 && rest.p[i + 1] == 0) {
			c.path = SPAN(rest.p, i);
			*ret   = c;
			return STATUS_SUCCESS;
		}
	}
	return STATUS_INVALID_PARAMETER;
}

void
fsctl_dfs_referral_req_encode(struct wr *w, const struct fsctl_dfs_referral_req *c)
{
	wr_u16(w, c->max_level);
	wr_span(w, c->path);
	wr_u16(w, 0);
}
