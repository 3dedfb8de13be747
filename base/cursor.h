/*
 * cursor.h - struct span, rd and wr: the only code that indexes wire bytes.
 *
 * Both cursors are sticky: the first step past the end makes them bad, later
 * reads give zero and later writes do nothing, so a codec asks once, at its
 * end.  Not for: policy.  A value is refused by who decodes it, never here.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes.  p may be NULL when n is 0. */
struct span {
	const uint8_t *p;
	size_t n;
};

/* A reader.  Offsets that came off the wire count from base. */
struct rd {
	const uint8_t *base;
	size_t pos;	/* next byte to read */
	size_t end;	/* first byte not to be read */
	bool bad;
};

struct wr {
	uint8_t *base;
	size_t pos;
	size_t cap;
	bool bad;
};

#define SPAN(ptr, len) ((struct span){ (const uint8_t *)(ptr), (len) })
#define SPAN_NONE      ((struct span){ NULL, 0 })
#define SPAN_STR(s)    SPAN((s), strlen(s))

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline struct rd
rd_init(struct span s)
{
	return (struct rd){ .base = s.p, .end = s.n };
}

static inline bool
rd_ok(const struct rd *r)
{
	return !r->bad;
}

static inline size_t
rd_left(const struct rd *r)
{
	return r->bad ? 0 : r->end - r->pos;
}

/* The next n bytes, or NULL and a bad reader.  The one bounds check. */
static inline const uint8_t *
rd_take(struct rd *r, size_t n)
{
	const uint8_t *p;

	if (r->bad || n > r->end - r->pos) {
		r->bad = true;
		return NULL;
	}
	p = r->base ? r->base + r->pos : NULL;	/* of nothing, nothing */
	r->pos += n;
	return p;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t
rd_u16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return (uint16_t)(p ? p[0] | p[1] << 8 : 0);
}

static inline uint32_t
rd_u32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
		 : 0;
}

static inline uint64_t
rd_u64(struct rd *r)
{
	uint64_t lo = rd_u32(r);
	uint64_t hi = rd_u32(r);

	return r->bad ? 0 : hi << 32 | lo;
}

/* Big-endian, for the transport length, NDR-free RPC parts and Kerberos. */
static inline uint32_t
rd_u32be(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3]
		 : 0;
}

static inline void
rd_zero(struct rd *r, size_t n)	/* bytes the specification tells us to ignore */
{
	(void)rd_take(r, n);
}

static inline struct span
rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = n > 0 ? rd_take(r, n) : NULL;	/* base may be NULL then */

	return p ? SPAN(p, n) : SPAN_NONE;
}

/* Copies n bytes to dst; zeroes when the reader is or goes bad. */
static inline void
rd_copy(struct rd *r, void *dst, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	if (p)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
}

static inline struct span
rd_rest(struct rd *r)
{
	return rd_bytes(r, rd_left(r));
}

/* Skip to the next multiple of to (a power of two), counted from base. */
static inline void
rd_align(struct rd *r, size_t to)
{
	rd_zero(r, (to - r->pos % to) % to);
}

/*
 * n bytes at wire offset off, counted from base.  Refused if they overlap what
 * was read or pass the end.  An empty region needs no valid offset.  Does not
 * move the reader: several regions may follow one fixed part in any order.
 */
static inline struct span
rd_region(struct rd *r, size_t off, size_t n)
{
	if (n == 0)
		return SPAN_NONE;
	if (r->bad || off < r->pos || off > r->end || n > r->end - off) {
		r->bad = true;
		return SPAN_NONE;
	}
	return SPAN(r->base + off, n);
}

static inline struct wr
wr_init(void *p, size_t cap)
{
	return (struct wr){ .base = p, .cap = cap };
}

static inline bool
wr_ok(const struct wr *w)
{
	return !w->bad;
}

static inline size_t
wr_left(const struct wr *w)
{
	return w->bad ? 0 : w->cap - w->pos;
}

static inline uint8_t *
wr_take(struct wr *w, size_t n)
{
	uint8_t *p;

	if (w->bad || n > w->cap - w->pos) {
		w->bad = true;
		return NULL;
	}
	p = w->base + w->pos;
	w->pos += n;
	return p;
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_take(w, 1);

	if (p)
		p[0] = v;
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_take(w, 2);

	if (p) {
		p[0] = (uint8_t)v;
		p[1] = (uint8_t)(v >> 8);
	}
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)v);
	wr_u16(w, (uint16_t)(v >> 16));
}

static inline void
wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)v);
	wr_u32(w, (uint32_t)(v >> 32));
}

static inline void
wr_u32be(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p) {
		p[0] = (uint8_t)(v >> 24);
		p[1] = (uint8_t)(v >> 16);
		p[2] = (uint8_t)(v >> 8);
		p[3] = (uint8_t)v;
	}
}

static inline void
wr_bytes(struct wr *w, const void *src, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p && n > 0)
		memcpy(p, src, n);
}

static inline void
wr_span(struct wr *w, struct span s)
{
	wr_bytes(w, s.p, s.n);
}

static inline void
wr_zero(struct wr *w, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p && n > 0)
		memset(p, 0, n);
}

static inline void
wr_align(struct wr *w, size_t to)
{
	wr_zero(w, (to - w->pos % to) % to);
}

/* A hole to be filled by wr_patch*; returns its position. */
static inline size_t
wr_hole(struct wr *w, size_t n)
{
	size_t at = w->pos;

	wr_zero(w, n);
	return at;
}

static inline void
wr_patch16(struct wr *w, size_t at, uint16_t v)
{
	struct wr t = { .base = w->base, .pos = at, .cap = w->pos, .bad = w->bad };

	wr_u16(&t, v);
}

static inline void
wr_patch32(struct wr *w, size_t at, uint32_t v)
{
	struct wr t = { .base = w->base, .pos = at, .cap = w->pos, .bad = w->bad };

	wr_u32(&t, v);
}

static inline void
wr_patch64(struct wr *w, size_t at, uint64_t v)
{
	struct wr t = { .base = w->base, .pos = at, .cap = w->pos, .bad = w->bad };

	wr_u64(&t, v);
}

/* What was written so far. */
static inline struct span
wr_done(const struct wr *w)
{
	return SPAN(w->base, w->bad ? 0 : w->pos);
}

#endif
