/*
 * ctx_negotiate.c - negotiate contexts: one row per type.
 * [MS-SMB2] 2.2.3.1.1 to 2.2.3.1.7, 2.2.4.1
 */
#include "proto/smb2/ctx_negotiate.h"

#include "base/fatal.h"
#include "proto/smb2/body.h"

bool
smb2_alg_list_has(const struct smb2_alg_list *l, uint16_t id)
{
	for (uint16_t i = 0; i < l->count; i++)
		if (l->id[i] == id)
			return true;
	return false;
}

void
smb2_alg_list_add(struct smb2_alg_list *l, uint16_t id)
{
	ENSURE(l->count < SMB2_NEG_ALGS_MAX);
	l->id[l->count++] = id;
}

/* 3.3.5.4 refuses an empty list of each kind. */
static nt
algs_read(struct rd *r, uint16_t count, struct smb2_alg_list *l)
{
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(count > 0 && count <= SMB2_NEG_ALGS_MAX, STATUS_INVALID_PARAMETER);
	for (l->count = 0; l->count < count; l->count++)
		l->id[l->count] = rd_u16(r);
	return STATUS_SUCCESS;
}

static void
algs_write(struct wr *w, const struct smb2_alg_list *l)
{
	for (uint16_t i = 0; i < l->count; i++)
		wr_u16(w, l->id[i]);
}

static nt
preauth_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t count	  = rd_u16(r);
	uint16_t salt_len = rd_u16(r);

	TRY(algs_read(r, count, &c->hashes));
	c->salt = rd_bytes(r, salt_len);
	return STATUS_SUCCESS;
}

static void
preauth_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	if (c->salt.n > UINT16_MAX)
		w->bad = true;
	wr_u16(w, c->hashes.count);
	wr_u16(w, (uint16_t)c->salt.n);
	algs_write(w, &c->hashes);
	wr_span(w, c->salt);
}

static nt
encryption_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t count = rd_u16(r);

	return algs_read(r, count, &c->ciphers);
}

static void
encryption_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_u16(w, c->ciphers.count);
	algs_write(w, &c->ciphers);
}

static nt
compression_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t count = rd_u16(r);

	rd_zero(r, 2);
	c->compression_flags = rd_u32(r);
	return algs_read(r, count, &c->compressions);
}

static void
compression_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_u16(w, c->compressions.count);
	wr_u16(w, 0);
	wr_u32(w, c->compression_flags);
	algs_write(w, &c->compressions);
}

static nt
netname_read(struct rd *r, struct smb2_neg_contexts *c)
{
	c->netname = rd_rest(r);
	return STATUS_SUCCESS;
}

static void
netname_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_span(w, c->netname);
}

static nt
transport_read(struct rd *r, struct smb2_neg_contexts *c)
{
	c->transport_flags = rd_u32(r);
	return STATUS_SUCCESS;
}

static void
transport_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_u32(w, c->transport_flags);
}

static nt
rdma_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t count = rd_u16(r);

	rd_zero(r, 6);
	return algs_read(r, count, &c->rdma_transforms);
}

static void
rdma_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_u16(w, c->rdma_transforms.count);
	wr_zero(w, 6);
	algs_write(w, &c->rdma_transforms);
}

static nt
signing_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t count = rd_u16(r);

	return algs_read(r, count, &c->signings);
}

static void
signing_write(struct wr *w, const struct smb2_neg_contexts *c)
{
	wr_u16(w, c->signings.count);
	algs_write(w, &c->signings);
}

static const struct {
	nt (*read)(struct rd *, struct smb2_neg_contexts *);
	void (*write)(struct wr *, const struct smb2_neg_contexts *);
} codecs[SMB2_NEG_TYPE_MAX] = {
	[SMB2_NEG_PREAUTH]     = { preauth_read, preauth_write },
	[SMB2_NEG_ENCRYPTION]  = { encryption_read, encryption_write },
	[SMB2_NEG_COMPRESSION] = { compression_read, compression_write },
	[SMB2_NEG_NETNAME]     = { netname_read, netname_write },
	[SMB2_NEG_TRANSPORT]   = { transport_read, transport_write },
	[SMB2_NEG_RDMA]	       = { rdma_read, rdma_write },
	[SMB2_NEG_SIGNING]     = { signing_read, signing_write },
};

static nt
context_read(struct rd *r, struct smb2_neg_contexts *c)
{
	uint16_t type = rd_u16(r);
	uint16_t len  = rd_u16(r);
	struct rd data;

	rd_zero(r, 4);
	data = rd_init(rd_bytes(r, len));
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	if (type >= SMB2_NEG_TYPE_MAX || !codecs[type].read)
		return STATUS_SUCCESS;
	REQUIRE((c->present >> type & 1) == 0, STATUS_INVALID_PARAMETER);
	c->present |= 1u << type;
	TRY(codecs[type].read(&data, c));
	REQUIRE(rd_ok(&data), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
smb2_neg_contexts_decode(struct rd *r, uint16_t count, struct smb2_neg_contexts *ret)
{
	struct smb2_neg_contexts c = { 0 };

	REQUIRE(count <= SMB2_NEG_CONTEXTS_MAX, STATUS_INVALID_PARAMETER);
	for (uint16_t i = 0; i < count; i++) {
		rd_align(r, 8);
		TRY(context_read(r, &c));
	}
	*ret = c;
	return STATUS_SUCCESS;
}

static void
context_write(struct wr *w, uint16_t type, const struct smb2_neg_contexts *c)
{
	size_t len_at, start;

	wr_u16(w, type);
	len_at = wr_hole(w, 2);
	wr_zero(w, 4);
	start = w->pos;
	codecs[type].write(w, c);
	if (w->pos - start > UINT16_MAX)
		w->bad = true;
	wr_patch16(w, len_at, (uint16_t)(w->pos - start));
}

uint16_t
smb2_neg_contexts_encode(struct wr *w, size_t hdr_at, const struct smb2_neg_contexts *c)
{
	uint16_t count = 0;

	for (uint16_t type = 0; type < SMB2_NEG_TYPE_MAX; type++) {
		if (!smb2_neg_has(c, type) || !codecs[type].write)
			continue;
		body_align(w, hdr_at, 8);
		context_write(w, type, c);
		count++;
	}
	return count;
}
