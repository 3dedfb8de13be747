/*
 * ctx_create.c - create contexts: names, the walk along a list, one entry
 * written.  The typed bodies are in ctx_create_req.c and ctx_create_rsp.c.
 * [MS-SMB2] 2.2.13.2
 */
#include "proto/smb2/ctx_create.h"

#include "proto/smb2/ctx_entry.h"

#define ENTRY_FIXED 16 /* Next to DataLength */
#define NAME_MIN    4  /* Windows: refuses shorter names, whatever they say */

#define LEASE_V1_SIZE 32 /* version 2 has 52 */

/* Where entry fields stand that are known only when the data is written. */
enum entry_at {
	ENTRY_AT_DATA_OFFSET = 10,
	ENTRY_AT_DATA_LENGTH = 12,
};

/* clang-format off */
static const struct {
	uint8_t len;
	const char *bytes;
} names[SMB2_CTX_MAX] = {
	[SMB2_CTX_EXTA] = { 4, "ExtA" },
	[SMB2_CTX_SECD] = { 4, "SecD" },
	[SMB2_CTX_DHNQ] = { 4, "DHnQ" },
	[SMB2_CTX_DHNC] = { 4, "DHnC" },
	[SMB2_CTX_MXAC] = { 4, "MxAc" },
	[SMB2_CTX_ALSI] = { 4, "AlSi" },
	[SMB2_CTX_TWRP] = { 4, "TWrp" },
	[SMB2_CTX_RQLS] = { 4, "RqLs" },
	[SMB2_CTX_QFID] = { 4, "QFid" },
	[SMB2_CTX_DH2Q] = { 4, "DH2Q" },
	[SMB2_CTX_DH2C] = { 4, "DH2C" },
	[SMB2_CTX_APP_INSTANCE_ID] = { 16, "\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A"
					   "\x90\x08\xFA\x46\x2E\x14\x4D\x74" },
	[SMB2_CTX_SVHDX] = { 16, "\x9C\xCB\xCF\x9E\x04\xC1\xE6\x43"
				 "\x98\x0E\x15\x8D\xA1\xF6\xEC\x83" },
	[SMB2_CTX_APP_INSTANCE_VERSION] = { 16, "\xB9\x82\xD0\xB7\x3B\x56\x07\x4F"
						"\xA0\x7B\x52\x4A\x81\x16\xA0\x10" },
	[SMB2_CTX_AAPL]  = { 4, "AAPL" },
	[SMB2_CTX_POSIX] = { 16, "\x93\xAD\x25\x50\x9C\xB4\x11\xE7"
				 "\xB4\x23\x83\xDE\x96\x8B\xCD\x7C" },
};
/* clang-format on */

static enum smb2_ctx
kind_of(struct span name)
{
	for (int k = SMB2_CTX_UNKNOWN + 1; k < SMB2_CTX_MAX; k++)
		if (span_eq(name, SPAN(names[k].bytes, names[k].len)))
			return (enum smb2_ctx)k;
	return SMB2_CTX_UNKNOWN;
}

/* 2.2.13.2 SMB2_CREATE_CONTEXT.  All offsets count from the entry's first byte. */
static nt
entry_read(struct span entry, struct smb2_create_ctx *ret)
{
	struct smb2_create_ctx c = { 0 };
	struct rd r		 = rd_init(entry);
	uint16_t name_off, name_len, data_off;
	uint32_t data_len;

	rd_zero(&r, 4);
	name_off = rd_u16(&r);
	name_len = rd_u16(&r);
	rd_zero(&r, 2);
	data_off = rd_u16(&r);
	data_len = rd_u32(&r);
	c.name	 = rd_region(&r, name_off, name_len);
	c.data	 = rd_region(&r, data_off, data_len);
	REQUIRE(rd_ok(&r) && c.name.n >= NAME_MIN, STATUS_INVALID_PARAMETER);
	c.kind = kind_of(c.name);
	*ret   = c;
	return STATUS_SUCCESS;
}

nt
smb2_create_ctx_next(struct smb2_ctx_iter *it, struct smb2_create_ctx *ret)
{
	struct rd r   = rd_init(it->left);
	uint32_t next = rd_u32(&r);
	size_t step   = next == 0 ? it->left.n : next;

	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(step >= ENTRY_FIXED && step <= it->left.n, STATUS_INVALID_PARAMETER);
	if (next != 0)
		REQUIRE(step % 8 == 0 && step < it->left.n, STATUS_INVALID_PARAMETER);
	TRY(entry_read(SPAN(it->left.p, step), ret));
	it->left = SPAN(it->left.p + step, it->left.n - step);
	return STATUS_SUCCESS;
}

/* The size tells the version of what is received; 2.2.13.2.8 and 2.2.13.2.10. */
void
ctx_lease_read(struct rd *r, struct smb2_lease *l)
{
	l->version = rd_left(r) == LEASE_V1_SIZE ? 1 : 2;
	rd_copy(r, l->key, sizeof l->key);
	l->state    = rd_u32(r);
	l->flags    = rd_u32(r);
	l->duration = rd_u64(r);
	if (l->version == 1)
		return;
	rd_copy(r, l->parent_key, sizeof l->parent_key);
	l->epoch = rd_u16(r);
	rd_zero(r, 2);
}

void
ctx_lease_write(struct wr *w, const struct smb2_lease *l)
{
	wr_bytes(w, l->key, sizeof l->key);
	wr_u32(w, l->state);
	wr_u32(w, l->flags);
	wr_u64(w, l->duration);
	if (l->version == 1)
		return;
	wr_bytes(w, l->parent_key, sizeof l->parent_key);
	wr_u16(w, l->epoch);
	wr_u16(w, 0);
}

size_t
ctx_entry_begin(struct wr *w, enum smb2_ctx kind, size_t prev)
{
	size_t at;

	wr_align(w, 8);
	at = w->pos;
	if (at > 0)
		wr_patch32(w, prev, (uint32_t)(at - prev));
	wr_u32(w, 0);
	wr_u16(w, ENTRY_FIXED);
	wr_u16(w, names[kind].len);
	wr_zero(w, 8);
	wr_bytes(w, names[kind].bytes, names[kind].len);
	wr_align(w, 8);
	return at;
}

void
ctx_entry_end(struct wr *w, size_t at, size_t data_at)
{
	size_t len = w->pos - data_at;

	if (w->bad || len == 0)
		return;
	wr_patch16(w, at + ENTRY_AT_DATA_OFFSET, (uint16_t)(data_at - at));
	wr_patch32(w, at + ENTRY_AT_DATA_LENGTH, (uint32_t)len);
}
