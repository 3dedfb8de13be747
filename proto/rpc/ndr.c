/*
 * ndr.c - NDR 2.0 primitives.  [C706] 14.2, 14.3
 */
#include "proto/rpc/ndr.h"

#include "base/utf16.h"

uint16_t
ndr_u16(struct rd *r)
{
	rd_align(r, 2);
	return rd_u16(r);
}

uint32_t
ndr_u32(struct rd *r)
{
	rd_align(r, 4);
	return rd_u32(r);
}

uint64_t
ndr_u64(struct rd *r)
{
	rd_align(r, 8);
	return rd_u64(r);
}

bool
ndr_ptr(struct rd *r)
{
	return ndr_u32(r) != 0;
}

/* The units of a conformant varying string, its NUL left out. */
static struct span
string_units(struct rd *r)
{
	uint32_t max	= ndr_u32(r);
	uint32_t offset = ndr_u32(r);
	uint32_t actual = ndr_u32(r);
	struct span s;

	r->bad |= offset != 0 || actual == 0 || actual > max || actual > rd_left(r) / 2;
	s = rd_bytes(r, rd_ok(r) ? (size_t)(actual - 1) * 2 : 0);
	r->bad |= rd_u16(r) != 0;
	return rd_ok(r) ? s : SPAN_NONE;
}

void
ndr_string(struct rd *r, char *dst, size_t cap)
{
	struct span units = string_units(r);
	size_t n;

	if (cap > 0)
		dst[0] = '\0';
	if (rd_ok(r) && !nt_ok(utf16_to_utf8(units, dst, cap, &n)))
		r->bad = true;
}

void
ndr_skip_string(struct rd *r)
{
	(void)string_units(r);
}

struct ndr_counted
ndr_counted(struct rd *r)
{
	struct ndr_counted c;

	rd_align(r, 4);
	c.length  = rd_u16(r);
	c.maximum = rd_u16(r);
	c.present = ndr_ptr(r);
	r->bad |= c.length > c.maximum || (!c.present && c.length > 0);
	return c;
}

/* The bytes of a counted string's referent. */
static struct span
counted_bytes(struct rd *r, struct ndr_counted c, size_t unit)
{
	uint32_t max, offset, actual;

	if (!c.present)
		return SPAN_NONE;
	max    = ndr_u32(r);
	offset = ndr_u32(r);
	actual = ndr_u32(r);
	r->bad |= offset != 0 || actual > max || c.length % unit != 0 || actual != c.length / unit;
	return rd_ok(r) ? rd_bytes(r, c.length) : SPAN_NONE;
}

void
ndr_counted_utf16(struct rd *r, struct ndr_counted c, char *dst, size_t cap)
{
	struct span units = counted_bytes(r, c, 2);
	size_t n;

	if (cap > 0)
		dst[0] = '\0';
	if (rd_ok(r) && !nt_ok(utf16_to_utf8(units, dst, cap, &n)))
		r->bad = true;
}

void
ndr_skip_counted_utf16(struct rd *r, struct ndr_counted c)
{
	(void)counted_bytes(r, c, 2);
}

void
ndr_sid(struct rd *r, struct sid *ret)
{
	uint32_t count = ndr_u32(r);

	rd_sid(r, ret);
	r->bad |= rd_ok(r) && ret->count != count;
}

void
wr_ndr_u16(struct wr *w, uint16_t v)
{
	wr_align(w, 2);
	wr_u16(w, v);
}

void
wr_ndr_u32(struct wr *w, uint32_t v)
{
	wr_align(w, 4);
	wr_u32(w, v);
}

void
wr_ndr_u64(struct wr *w, uint64_t v)
{
	wr_align(w, 8);
	wr_u64(w, v);
}

void
wr_ndr_ptr(struct wr *w, struct ndr_ids *ids, bool present)
{
	if (!present) {
		wr_ndr_u32(w, 0);
		return;
	}
	wr_ndr_u32(w, 0x00020000u + ids->next);
	ids->next += 4;
}

void
wr_ndr_string(struct wr *w, const char *utf8)
{
	size_t n = utf16_len(utf8);
	uint32_t units;

	if (n > UINT16_MAX) { /* bad UTF-8, or no string of ours */
		w->bad = true;
		return;
	}
	units = (uint32_t)(n / 2) + 1;
	wr_ndr_u32(w, units);
	wr_ndr_u32(w, 0);
	wr_ndr_u32(w, units);
	(void)wr_utf16(w, utf8);
	wr_u16(w, 0);
}

void
wr_ndr_counted(struct wr *w, struct ndr_ids *ids, size_t n)
{
	w->bad |= n > UINT16_MAX;
	wr_align(w, 4);
	wr_u16(w, (uint16_t)n);
	wr_u16(w, (uint16_t)n);
	wr_ndr_ptr(w, ids, true);
}

void
wr_ndr_counted_bytes(struct wr *w, struct span bytes, size_t unit)
{
	wr_ndr_u32(w, (uint32_t)(bytes.n / unit));
	wr_ndr_u32(w, 0);
	wr_ndr_u32(w, (uint32_t)(bytes.n / unit));
	wr_span(w, bytes);
}

void
wr_ndr_counted_utf16(struct wr *w, const char *utf8)
{
	size_t n = utf16_len(utf8);

	if (n > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wr_ndr_u32(w, (uint32_t)(n / 2));
	wr_ndr_u32(w, 0);
	wr_ndr_u32(w, (uint32_t)(n / 2));
	(void)wr_utf16(w, utf8);
}
