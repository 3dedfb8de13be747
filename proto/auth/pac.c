/*
 * pac.c - the outside of a PAC: which buffers are where, the two signatures,
 * and the small buffers.  [MS-PAC] 2.3, 2.4, 2.7, 2.8, 2.10
 */
#include "proto/auth/pac.h"

#include "base/utf16.h"

#define PAC_ALIGN   8u /* of every buffer, 2.3 */
#define UPN_HAS_SID 0x2u

/* Kept types stand once: a second one would let two readers see two PACs. */
static void
buffer_keep(struct rd *r, uint32_t type, struct span s, struct pac *p)
{
	if (type >= PAC_TYPE_MAX)
		return;
	r->bad |= p->buffers[type].n > 0;
	p->buffers[type] = s;
}

/* PAC_INFO_BUFFER, 2.4; r stands behind all of them when regions are looked up. */
static void
buffer_read(struct rd *r, const struct rd *after, struct pac *p)
{
	struct rd at  = *after;
	uint32_t type = rd_u32(r);
	uint32_t size = rd_u32(r);
	uint64_t off  = rd_u64(r);
	struct span s;

	r->bad |= off > PAC_SIZE_MAX || off % PAC_ALIGN != 0;
	s = rd_region(&at, rd_ok(r) ? (size_t)off : 0, rd_ok(r) ? size : 0);
	r->bad |= at.bad;
	if (rd_ok(r))
		buffer_keep(r, type, s, p);
}

static size_t
sum_size(uint32_t type)
{
	switch (type) {
	case PAC_SUM_HMAC_MD5:
		return 16;
	case PAC_SUM_AES128:
	case PAC_SUM_AES256:
		return 12;
	default:
		return 0;
	}
}

/* PAC_SIGNATURE_DATA, 2.8.  A read-only controller's identifier may follow. */
static nt
sum_read(const struct pac *p, enum pac_type type, struct pac_sum *ret)
{
	struct rd r = rd_init(p->buffers[type]);

	ret->type = rd_u32(&r);
	ret->sum  = rd_bytes(&r, sum_size(ret->type));
	REQUIRE(rd_ok(&r) && ret->sum.n > 0, STATUS_INVALID_PARAMETER);
	ret->at = (size_t)(ret->sum.p - p->whole.p);
	return STATUS_SUCCESS;
}

nt
pac_decode(struct span whole, struct pac *ret)
{
	struct pac p	 = { .whole = whole };
	struct rd r	 = rd_init(whole), after;
	uint32_t count	 = rd_u32(&r);
	uint32_t version = rd_u32(&r);

	REQUIRE(rd_ok(&r) && whole.n <= PAC_SIZE_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(count <= PAC_BUFFERS_MAX && version == 0, STATUS_INVALID_PARAMETER);
	after = r;
	rd_zero(&after, 16 * (size_t)count);
	for (uint32_t i = 0; i < count && rd_ok(&r); i++)
		buffer_read(&r, &after, &p);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(p.buffers[PAC_LOGON_INFO].n > 0 && p.buffers[PAC_CLIENT_INFO].n > 0,
		STATUS_INVALID_PARAMETER);
	TRY(sum_read(&p, PAC_SERVER_SUM, &p.server_sum));
	TRY(sum_read(&p, PAC_KDC_SUM, &p.kdc_sum));
	*ret = p;
	return STATUS_SUCCESS;
}

void
pac_unsigned(const struct pac *p, struct wr *w)
{
	const struct pac_sum *first = &p->server_sum, *second = &p->kdc_sum;
	struct rd r = rd_init(p->whole);

	if (first->at > second->at) {
		first  = &p->kdc_sum;
		second = &p->server_sum;
	}
	wr_span(w, rd_bytes(&r, first->at));
	wr_zero(w, first->sum.n);
	rd_zero(&r, first->sum.n);
	w->bad |= second->at < r.pos; /* one inside the other: nobody signed that */
	if (!wr_ok(w))
		return;
	wr_span(w, rd_bytes(&r, second->at - r.pos));
	wr_zero(w, second->sum.n);
	rd_zero(&r, second->sum.n);
	wr_span(w, rd_rest(&r));
}

nt
pac_client_decode(const struct pac *p, struct pac_client *ret)
{
	struct rd r = rd_init(p->buffers[PAC_CLIENT_INFO]);
	struct pac_client c;
	struct span name;
	size_t n;

	c.auth_time = rd_u64(&r);
	n	    = rd_u16(&r);
	name	    = rd_bytes(&r, n);
	REQUIRE(rd_ok(&r) && name.n > 0, STATUS_INVALID_PARAMETER);
	TRY(utf16_to_utf8(name, c.name, sizeof c.name, &n));
	*ret = c;
	return STATUS_SUCCESS;
}

/* The extension behind the fixed part, which flag S announces. */
static nt
upn_sid_read(struct rd *r, struct sid *ret)
{
	uint16_t n, off;
	struct rd sid;

	rd_zero(r, 4); /* SamNameLength, SamNameOffset */
	n   = rd_u16(r);
	off = rd_u16(r);
	sid = rd_init(rd_region(r, off, n));
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	rd_sid(&sid, ret);
	REQUIRE(rd_ok(&sid), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
pac_upn_decode(const struct pac *p, struct pac_upn *ret)
{
	struct rd r	 = rd_init(p->buffers[PAC_UPN_DNS]);
	struct pac_upn u = { 0 };
	uint32_t flags;

	*ret = u;
	REQUIRE(rd_left(&r) > 0, STATUS_SUCCESS);
	rd_zero(&r, 8); /* UPN and DNS domain: nothing is decided by them */
	flags = rd_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	u.has_sid = (flags & UPN_HAS_SID) != 0;
	if (u.has_sid)
		TRY(upn_sid_read(&r, &u.sid));
	*ret = u;
	return STATUS_SUCCESS;
}
