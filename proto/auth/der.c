/*
 * der.c - DER elements: read strictly, written minimally.  [X.690] 8.1, 10.1
 */
#include "proto/auth/der.h"

#define DER_LENGTH_MAX 0xffffu

bool
der_is(const struct rd *r, unsigned tag)
{
	struct rd ahead = *r;

	return rd_left(r) > 0 && rd_u8(&ahead) == tag;
}

/* Short form below 128, else one or two bytes without a leading zero. */
static size_t
length_read(struct rd *r)
{
	uint8_t first = rd_u8(r);
	size_t n;

	if (first < 0x80)
		return first;
	if (first == 0x81) {
		n = rd_u8(r);
		r->bad |= n < 0x80;
		return n;
	}
	if (first == 0x82) {
		n = (size_t)rd_u8(r) << 8;
		n |= rd_u8(r);
		r->bad |= n < 0x100;
		return n;
	}
	r->bad = true;
	return 0;
}

struct span
der_value(struct rd *r, unsigned tag)
{
	size_t n;

	r->bad |= rd_u8(r) != tag;
	n = length_read(r);
	return rd_bytes(r, n);
}

struct rd
der_enter(struct rd *r, unsigned tag)
{
	struct rd inner = rd_init(der_value(r, tag));

	inner.bad = r->bad;
	return inner;
}

void
der_leave(struct rd *outer, const struct rd *inner)
{
	outer->bad |= inner->bad || rd_left(inner) > 0;
}

static size_t
length_size(size_t n)
{
	return n < 0x80 ? 1 : n < 0x100 ? 2 : 3;
}

size_t
der_size(size_t n)
{
	return 1 + length_size(n) + n;
}

void
der_head(struct wr *w, unsigned tag, size_t n)
{
	if (n > DER_LENGTH_MAX)
		w->bad = true;
	wr_u8(w, (uint8_t)tag);
	if (n >= 0x80)
		wr_u8(w, (uint8_t)(0x80 + length_size(n) - 1));
	if (n >= 0x100)
		wr_u8(w, (uint8_t)(n >> 8));
	wr_u8(w, (uint8_t)n);
}

void
der_put(struct wr *w, unsigned tag, struct span value)
{
	der_head(w, tag, value.n);
	wr_span(w, value);
}

void
der_wrap(struct wr *w, size_t at, unsigned tag)
{
	const size_t n	  = w->pos - at;
	const size_t head = der_size(n) - n;
	struct wr front;

	(void)wr_hole(w, head);
	if (w->bad)
		return;
	memmove(w->base + at + head, w->base + at, n);
	front = (struct wr){ .base = w->base, .pos = at, .cap = at + head };
	der_head(&front, tag, n);
	w->bad |= front.bad;
}
