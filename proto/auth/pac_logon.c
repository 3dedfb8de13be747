/*
 * pac_logon.c - KERB_VALIDATION_INFO, the NDR inside of a PAC.  Pointers are
 * followed in the order in which they stand; what nobody asks for is checked
 * and passed over.  [MS-PAC] 2.5, [MS-RPCE] 2.2.6
 */
#include "proto/auth/pac.h"

#include "proto/rpc/ndr.h"

#define HEADERS_SIZE 16u /* common and private header of a serialized type */
#define ROW_SIZE     8u	 /* GROUP_MEMBERSHIP, KERB_SID_AND_ATTRIBUTES */

/* A conformant array of rows; count is what the structure said. */
static struct span
rows_read(struct rd *r, bool present, uint32_t count)
{
	if (!present) {
		r->bad |= count != 0;
		return SPAN_NONE;
	}
	r->bad |= ndr_u32(r) != count || count > rd_left(r) / ROW_SIZE;
	return rd_bytes(r, rd_ok(r) ? (size_t)count * ROW_SIZE : 0u);
}

/* Each row has a pointer; the SIDs themselves follow all rows.  A null one is no SID. */
static void
extra_read(struct rd *r, bool present, struct pac_logon *l)
{
	struct span rows = rows_read(r, present, l->extra_count);
	struct rd row	 = rd_init(rows);
	struct sid sid	 = { 0 };

	l->extra_at = r->pos;
	while (rd_ok(r) && rd_left(&row) > 0) {
		r->bad |= !ndr_ptr(&row);
		rd_zero(&row, 4); /* Attributes */
		ndr_sid(r, &sid);
	}
	if (rd_ok(r))
		l->extra = SPAN(r->base + l->extra_at, r->pos - l->extra_at);
}

struct fixed {
	struct ndr_counted name, others[5], server, domain;
	uint32_t rids_count, resource_count;
	bool rids, domain_sid, extra, resource_sid, resource;
};

static void
fixed_read(struct rd *r, struct fixed *f, struct pac_logon *l)
{
	rd_zero(r, 6 * 8); /* LogonTime to PasswordMustChange */
	f->name = ndr_counted(r);
	for (size_t i = 0; i < NELEM(f->others); i++) /* FullName to HomeDirectoryDrive */
		f->others[i] = ndr_counted(r);
	rd_zero(r, 4); /* LogonCount, BadPasswordCount */
	l->user_rid    = ndr_u32(r);
	l->primary_rid = ndr_u32(r);
	f->rids_count  = ndr_u32(r);
	f->rids	       = ndr_ptr(r);
	rd_zero(r, 4 + 16); /* UserFlags, UserSessionKey */
	f->server     = ndr_counted(r);
	f->domain     = ndr_counted(r);
	f->domain_sid = ndr_ptr(r);
	/* Reserved1, UserAccountControl, SubAuthStatus, two times, FailedILogonCount, Reserved3 */
	rd_zero(r, 8 + 4 + 4 + 8 + 8 + 4 + 4);
	l->extra_count	  = ndr_u32(r);
	f->extra	  = ndr_ptr(r);
	f->resource_sid	  = ndr_ptr(r);
	f->resource_count = ndr_u32(r);
	f->resource	  = ndr_ptr(r);
}

static void
referents_read(struct rd *r, const struct fixed *f, struct pac_logon *l)
{
	ndr_counted_utf16(r, f->name, l->name, sizeof l->name);
	for (size_t i = 0; i < NELEM(f->others); i++)
		ndr_skip_counted_utf16(r, f->others[i]);
	l->rids = rows_read(r, f->rids, f->rids_count);
	ndr_skip_counted_utf16(r, f->server);
	ndr_counted_utf16(r, f->domain, l->domain, sizeof l->domain);
	l->has_domain_sid = f->domain_sid;
	if (f->domain_sid)
		ndr_sid(r, &l->domain_sid);
	extra_read(r, f->extra, l);
	if (f->resource_sid)
		ndr_sid(r, &l->resource_domain);
	l->resource_rids = rows_read(r, f->resource, f->resource_count);
	r->bad |= !f->resource_sid && l->resource_rids.n > 0;
}

/* [MS-RPCE] 2.2.6.1, 2.2.6.2: little-endian, and how long the body is. */
static struct rd
body_enter(struct span s)
{
	struct rd r = rd_init(s), body;
	uint32_t n;

	r.bad |= rd_u8(&r) != 1 || rd_u8(&r) != 0x10 || rd_u16(&r) != 8;
	rd_zero(&r, 4);
	n = rd_u32(&r);
	rd_zero(&r, 4);
	body	 = rd_init(rd_bytes(&r, rd_ok(&r) ? n : 0u));
	body.bad = r.bad;
	return body;
}

nt
pac_logon_decode(const struct pac *p, struct pac_logon *ret)
{
	struct pac_logon l = { 0 };
	struct fixed f;
	struct rd r = body_enter(p->buffers[PAC_LOGON_INFO]);

	r.bad |= !ndr_ptr(&r);
	fixed_read(&r, &f, &l);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	referents_read(&r, &f, &l);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = l;
	return STATUS_SUCCESS;
}

/* The extra SIDs were read once, so they can be read again. */
static struct rd
extra_enter(const struct pac_logon *l)
{
	struct rd r = { 0 };

	if (l->extra.n == 0)
		return r;
	r     = rd_init(SPAN(l->extra.p - l->extra_at, l->extra_at + l->extra.n));
	r.pos = l->extra_at;
	return r;
}

bool
pac_user_sid(const struct pac_logon *l, struct sid *ret)
{
	struct rd r;

	if (l->user_rid != 0) {
		*ret = l->domain_sid;
		return l->has_domain_sid && sid_append(ret, l->user_rid);
	}
	if (l->extra_count == 0)
		return false;
	r = extra_enter(l);
	ndr_sid(&r, ret);
	return rd_ok(&r);
}

static void
rid_write(struct wr *w, const struct sid *domain, uint32_t rid)
{
	struct sid s = *domain;

	w->bad |= !sid_append(&s, rid);
	wr_sid(w, &s);
}

static void
rids_write(struct wr *w, const struct sid *domain, struct span rows, uint32_t but)
{
	struct rd r = rd_init(rows);

	while (rd_left(&r) >= ROW_SIZE && wr_ok(w)) {
		uint32_t rid = rd_u32(&r);

		rd_zero(&r, 4);
		if (rid != but)
			rid_write(w, domain, rid);
	}
}

void
pac_group_sids(const struct pac_logon *l, struct wr *w)
{
	struct rd r  = extra_enter(l);
	struct sid s = { 0 };

	if (l->has_domain_sid) {
		rid_write(w, &l->domain_sid, l->primary_rid);
		rids_write(w, &l->domain_sid, l->rids, l->primary_rid);
	}
	for (uint32_t i = 0; i < l->extra_count && rd_ok(&r); i++) {
		ndr_sid(&r, &s);
		if (i > 0 || l->user_rid != 0)
			wr_sid(w, &s);
	}
	rids_write(w, &l->resource_domain, l->resource_rids, 0);
}
