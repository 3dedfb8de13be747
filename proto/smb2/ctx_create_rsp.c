/*
 * ctx_create_rsp.c - what a CREATE response's contexts say: one row per kind.
 * [MS-SMB2] 2.2.14.2.1 to 2.2.14.2.14
 */
#include "proto/smb2/ctx_entry.h"

/* 2.2.14.2.3: eight reserved bytes. */
static void
dhnq_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	(void)c;
	rd_zero(r, 8);
}

static void
dhnq_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	(void)c;
	wr_zero(w, 8);
}

/* 2.2.14.2.5 */
static void
mxac_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	c->mxac_status = (nt){ rd_u32(r) };
	c->mxac_access = rd_u32(r);
}

static void
mxac_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_u32(w, c->mxac_status.code);
	wr_u32(w, c->mxac_access);
}

static void
rqls_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	ctx_lease_read(r, &c->lease);
}

static void
rqls_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	ctx_lease_write(w, &c->lease);
}

/* 2.2.14.2.9: the two ids and sixteen reserved bytes. */
static void
qfid_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	rd_copy(r, c->disk_id, sizeof c->disk_id);
	rd_copy(r, c->volume_id, sizeof c->volume_id);
	rd_zero(r, 16);
}

static void
qfid_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_bytes(w, c->disk_id, sizeof c->disk_id);
	wr_bytes(w, c->volume_id, sizeof c->volume_id);
	wr_zero(w, 16);
}

/* 2.2.14.2.12 */
static void
dh2q_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	c->dh2q.timeout = rd_u32(r);
	c->dh2q.flags	= rd_u32(r);
}

static void
dh2q_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_u32(w, c->dh2q.timeout);
	wr_u32(w, c->dh2q.flags);
}

static void
svhdx_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	c->svhdx = rd_rest(r);
}

static void
svhdx_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_span(w, c->svhdx);
}

static void
aapl_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	c->aapl = rd_rest(r);
}

static void
aapl_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_span(w, c->aapl);
}

static void
posix_read(struct rd *r, struct smb2_create_ctxs_rsp *c)
{
	c->posix = rd_rest(r);
}

static void
posix_write(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	wr_span(w, c->posix);
}

static const struct {
	void (*read)(struct rd *, struct smb2_create_ctxs_rsp *);
	void (*write)(struct wr *, const struct smb2_create_ctxs_rsp *);
} codecs[SMB2_CTX_MAX] = {
	[SMB2_CTX_DHNQ] = { dhnq_read, dhnq_write }, [SMB2_CTX_MXAC] = { mxac_read, mxac_write },
	[SMB2_CTX_RQLS] = { rqls_read, rqls_write }, [SMB2_CTX_QFID] = { qfid_read, qfid_write },
	[SMB2_CTX_DH2Q] = { dh2q_read, dh2q_write }, [SMB2_CTX_SVHDX] = { svhdx_read, svhdx_write },
	[SMB2_CTX_AAPL] = { aapl_read, aapl_write }, [SMB2_CTX_POSIX] = { posix_read, posix_write },
};

/* A known context is read to its end; twice the same would leave the meaning to chance. */
static nt
context_read(const struct smb2_create_ctx *ctx, struct smb2_create_ctxs_rsp *c)
{
	struct rd r = rd_init(ctx->data);

	REQUIRE(!smb2_ctx_has(c->present, ctx->kind), STATUS_INVALID_PARAMETER);
	c->present |= 1u << ctx->kind;
	codecs[ctx->kind].read(&r, c);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
smb2_create_ctxs_rsp_decode(struct span list, struct smb2_create_ctxs_rsp *ret)
{
	struct smb2_create_ctxs_rsp c = { 0 };
	struct smb2_ctx_iter it	      = { .left = list };
	struct smb2_create_ctx ctx;

	while (it.left.n > 0) {
		TRY(smb2_create_ctx_next(&it, &ctx));
		if (codecs[ctx.kind].read)
			TRY(context_read(&ctx, &c));
	}
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_create_ctxs_rsp_encode(struct wr *w, const struct smb2_create_ctxs_rsp *c)
{
	size_t at = 0, data_at;

	for (int k = 0; k < SMB2_CTX_MAX; k++) {
		if (!smb2_ctx_has(c->present, (enum smb2_ctx)k) || !codecs[k].write)
			continue;
		at	= ctx_entry_begin(w, (enum smb2_ctx)k, at);
		data_at = w->pos;
		codecs[k].write(w, c);
		ctx_entry_end(w, at, data_at);
	}
}
