/*
 * ctx_create_req.c - what a CREATE request's contexts say: one row per kind.
 * [MS-SMB2] 2.2.13.2.1 to 2.2.13.2.15
 */
#include "proto/smb2/ctx_entry.h"

static void
exta_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->ea = rd_rest(r);
}

static void
exta_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_span(w, c->ea);
}

static void
secd_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->sd = rd_rest(r);
}

static void
secd_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_span(w, c->sd);
}

/* 2.2.13.2.3: sixteen reserved bytes. */
static void
dhnq_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	(void)c;
	rd_zero(r, 16);
}

static void
dhnq_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	(void)c;
	wr_zero(w, 16);
}

static void
dhnc_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->dhnc = rd_fid(r);
}

static void
dhnc_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_fid(w, c->dhnc);
}

/* 2.2.13.2.5: the timestamp may be left out. */
static void
mxac_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	if (rd_left(r) > 0)
		c->mxac_timestamp = rd_u64(r);
}

static void
mxac_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	if (c->mxac_timestamp != 0)
		wr_u64(w, c->mxac_timestamp);
}

static void
alsi_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->allocation_size = rd_u64(r);
}

static void
alsi_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_u64(w, c->allocation_size);
}

static void
twrp_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->timewarp = rd_u64(r);
}

static void
twrp_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_u64(w, c->timewarp);
}

static void
rqls_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	ctx_lease_read(r, &c->lease);
}

static void
rqls_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	ctx_lease_write(w, &c->lease);
}

/* 2.2.13.2.9: no data. */
static void
qfid_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	(void)r;
	(void)c;
}

static void
qfid_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	(void)w;
	(void)c;
}

/* 2.2.13.2.11 */
static void
dh2q_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->dh2q.timeout = rd_u32(r);
	c->dh2q.flags	= rd_u32(r);
	rd_zero(r, 8);
	rd_copy(r, c->dh2q.create_guid, sizeof c->dh2q.create_guid);
}

static void
dh2q_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_u32(w, c->dh2q.timeout);
	wr_u32(w, c->dh2q.flags);
	wr_zero(w, 8);
	wr_bytes(w, c->dh2q.create_guid, sizeof c->dh2q.create_guid);
}

/* 2.2.13.2.12 */
static void
dh2c_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->dh2c.fid = rd_fid(r);
	rd_copy(r, c->dh2c.create_guid, sizeof c->dh2c.create_guid);
	c->dh2c.flags = rd_u32(r);
}

static void
dh2c_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_fid(w, c->dh2c.fid);
	wr_bytes(w, c->dh2c.create_guid, sizeof c->dh2c.create_guid);
	wr_u32(w, c->dh2c.flags);
}

/* 2.2.13.2.13: StructureSize, two reserved bytes, the id. */
static void
app_id_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	if (rd_u16(r) != 20)
		r->bad = true;
	rd_zero(r, 2);
	rd_copy(r, c->app_instance_id, sizeof c->app_instance_id);
}

static void
app_id_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_u16(w, 20);
	wr_u16(w, 0);
	wr_bytes(w, c->app_instance_id, sizeof c->app_instance_id);
}

static void
svhdx_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->svhdx = rd_rest(r);
}

static void
svhdx_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_span(w, c->svhdx);
}

/* 2.2.13.2.15: StructureSize, six bytes of padding, two halves. */
static void
app_version_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	if (rd_u16(r) != 24)
		r->bad = true;
	rd_zero(r, 6);
	c->app_version_high = rd_u64(r);
	c->app_version_low  = rd_u64(r);
}

static void
app_version_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_u16(w, 24);
	wr_zero(w, 6);
	wr_u64(w, c->app_version_high);
	wr_u64(w, c->app_version_low);
}

static void
aapl_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->aapl = rd_rest(r);
}

static void
aapl_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_span(w, c->aapl);
}

static void
posix_read(struct rd *r, struct smb2_create_ctxs_req *c)
{
	c->posix = rd_rest(r);
}

static void
posix_write(struct wr *w, const struct smb2_create_ctxs_req *c)
{
	wr_span(w, c->posix);
}

static const struct {
	void (*read)(struct rd *, struct smb2_create_ctxs_req *);
	void (*write)(struct wr *, const struct smb2_create_ctxs_req *);
} codecs[SMB2_CTX_MAX] = {
	[SMB2_CTX_EXTA]			= { exta_read, exta_write },
	[SMB2_CTX_SECD]			= { secd_read, secd_write },
	[SMB2_CTX_DHNQ]			= { dhnq_read, dhnq_write },
	[SMB2_CTX_DHNC]			= { dhnc_read, dhnc_write },
	[SMB2_CTX_MXAC]			= { mxac_read, mxac_write },
	[SMB2_CTX_ALSI]			= { alsi_read, alsi_write },
	[SMB2_CTX_TWRP]			= { twrp_read, twrp_write },
	[SMB2_CTX_RQLS]			= { rqls_read, rqls_write },
	[SMB2_CTX_QFID]			= { qfid_read, qfid_write },
	[SMB2_CTX_DH2Q]			= { dh2q_read, dh2q_write },
	[SMB2_CTX_DH2C]			= { dh2c_read, dh2c_write },
	[SMB2_CTX_APP_INSTANCE_ID]	= { app_id_read, app_id_write },
	[SMB2_CTX_SVHDX]		= { svhdx_read, svhdx_write },
	[SMB2_CTX_APP_INSTANCE_VERSION] = { app_version_read, app_version_write },
	[SMB2_CTX_AAPL]			= { aapl_read, aapl_write },
	[SMB2_CTX_POSIX]		= { posix_read, posix_write },
};

/* A known context is read to its end; twice the same would leave the meaning to chance. */
static nt
context_read(const struct smb2_create_ctx *ctx, struct smb2_create_ctxs_req *c)
{
	struct rd r = rd_init(ctx->data);

	REQUIRE(!smb2_ctx_has(c->present, ctx->kind), STATUS_INVALID_PARAMETER);
	c->present |= 1u << ctx->kind;
	codecs[ctx->kind].read(&r, c);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
smb2_create_ctxs_req_decode(struct span list, struct smb2_create_ctxs_req *ret)
{
	struct smb2_create_ctxs_req c = { 0 };
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
smb2_create_ctxs_req_encode(struct wr *w, const struct smb2_create_ctxs_req *c)
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
