/*
 * utf16.c - UTF-16LE to UTF-8 and back, and simple case mapping by table.
 *
 * One decoder serves everything: utf8_next().  Comparison and hashing must
 * give an answer for any bytes, so there a byte that is no UTF-8 stands for
 * itself, above all code points.
 */
#include "base/utf16.h"

#include <string.h>

#define CP_MAX	  0x10ffffu
#define CP_BAD	  UINT32_MAX
#define BYTE_BASE (CP_MAX + 1) /* + byte: what is no UTF-8, in comparisons */

struct case_range {
	uint32_t first, last, step;
	int32_t delta;
};

#define CASE_UPPER(first, last, step, delta) { first, last, step, delta },
static const struct case_range to_upper[] = {
#include "base/unicode_case.def.h"
};
#undef CASE_UPPER

#define CASE_LOWER(first, last, step, delta) { first, last, step, delta },
static const struct case_range to_lower[] = {
#include "base/unicode_case.def.h"
};
#undef CASE_LOWER

static uint32_t
case_map(const struct case_range *rows, size_t n, uint32_t cp)
{
	size_t lo = 0;
	size_t hi = n;

	while (lo < hi) {
		size_t mid		   = lo + (hi - lo) / 2;
		const struct case_range *r = &rows[mid];

		if (cp > r->last)
			lo = mid + 1;
		else if (cp < r->first)
			hi = mid;
		else
			return (cp - r->first) % r->step ? cp : (uint32_t)((int32_t)cp + r->delta);
	}
	return cp;
}

uint32_t
unicode_upper(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
	return cp > CP_MAX ? cp : case_map(to_upper, NELEM(to_upper), cp);
}

uint32_t
unicode_lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	return cp > CP_MAX ? cp : case_map(to_lower, NELEM(to_lower), cp);
}

static bool
is_high(uint32_t cp)
{
	return cp >= 0xd800 && cp <= 0xdbff;
}

static bool
is_low(uint32_t cp)
{
	return cp >= 0xdc00 && cp <= 0xdfff;
}

/* The code point at p and its length; CP_BAD and 1 where there is none. */
static uint32_t
utf8_next(const uint8_t *p, size_t n, size_t *ret_len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len		      = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t cp;

	*ret_len = 1;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
		return CP_BAD;
	cp = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return CP_BAD;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if (cp < least[len] || cp > CP_MAX)
		return CP_BAD;
	*ret_len = len;
	return cp;
}

static void
utf8_put(struct wr *w, uint32_t cp)
{
	if (cp < 0x80) {
		wr_u8(w, (uint8_t)cp);
		return;
	}
	if (cp < 0x800) {
		wr_u8(w, (uint8_t)(0xc0 | cp >> 6));
	} else {
		if (cp < 0x10000) {
			wr_u8(w, (uint8_t)(0xe0 | cp >> 12));
		} else {
			wr_u8(w, (uint8_t)(0xf0 | cp >> 18));
			wr_u8(w, (uint8_t)(0x80 | (cp >> 12 & 0x3f)));
		}
		wr_u8(w, (uint8_t)(0x80 | (cp >> 6 & 0x3f)));
	}
	wr_u8(w, (uint8_t)(0x80 | (cp & 0x3f)));
}

/* The next code point; a surrogate without its partner stands for itself. */
static uint32_t
utf16_next(struct rd *r)
{
	struct rd ahead;
	uint32_t hi = rd_u16(r);
	uint32_t lo;

	if (!is_high(hi))
		return hi;
	ahead = *r;
	lo    = rd_u16(&ahead);
	if (!rd_ok(&ahead) || !is_low(lo))
		return hi;
	*r = ahead;
	return 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
}

nt
utf16_to_utf8(struct span le16, char *dst, size_t cap, size_t *ret_len)
{
	struct rd r = rd_init(le16);
	struct wr w = wr_init(dst, cap);
	uint32_t cp;

	REQUIRE(le16.n % 2 == 0, STATUS_INVALID_PARAMETER);
	while (rd_left(&r) > 0) {
		cp = utf16_next(&r);
		REQUIRE(cp != 0, STATUS_INVALID_PARAMETER);
		utf8_put(&w, cp);
	}
	wr_u8(&w, 0);
	REQUIRE(wr_ok(&w), STATUS_NAME_TOO_LONG);
	*ret_len = w.pos - 1;
	return STATUS_SUCCESS;
}

/*
 * A surrogate pair spelt as two three-byte forms would be a second spelling of
 * one name; it is refused, as WTF-8 demands.
 */
static bool
is_split_pair(uint32_t before, uint32_t cp)
{
	return is_high(before) && is_low(cp);
}

size_t
wr_utf16(struct wr *w, const char *utf8)
{
	const uint8_t *p = (const uint8_t *)utf8;
	size_t left	 = strlen(utf8);
	size_t start	 = w->pos;
	uint32_t before	 = 0;
	uint32_t cp;
	size_t len;

	for (; left > 0; p += len, left -= len, before = cp) {
		cp = utf8_next(p, left, &len);
		if (cp == CP_BAD || is_split_pair(before, cp)) {
			w->bad = true;
			break;
		}
		if (cp >= 0x10000) {
			wr_u16(w, (uint16_t)(0xd800 + ((cp - 0x10000) >> 10)));
			wr_u16(w, (uint16_t)(0xdc00 + (cp & 0x3ff)));
		} else {
			wr_u16(w, (uint16_t)cp);
		}
	}
	return w->pos - start;
}

/* UTF-16 units of n bytes of UTF-8; SIZE_MAX if they are none. */
static size_t
utf16_units(const uint8_t *p, size_t n)
{
	size_t units	= 0;
	uint32_t before = 0;
	uint32_t cp;
	size_t len;

	for (; n > 0; p += len, n -= len, before = cp) {
		cp = utf8_next(p, n, &len);
		if (cp == CP_BAD || is_split_pair(before, cp))
			return SIZE_MAX;
		units += cp >= 0x10000 ? 2 : 1;
	}
	return units;
}

size_t
utf16_len(const char *utf8)
{
	size_t units = utf16_units((const uint8_t *)utf8, strlen(utf8));

	return units == SIZE_MAX ? SIZE_MAX : units * 2;
}

bool
utf8_valid(const char *s, size_t n)
{
	return utf16_units((const uint8_t *)s, n) != SIZE_MAX;
}

static nt
utf8_map(const char *s, char *dst, size_t cap, uint32_t (*map)(uint32_t))
{
	const uint8_t *p = (const uint8_t *)s;
	size_t left	 = strlen(s);
	struct wr w	 = wr_init(dst, cap);
	size_t len;

	REQUIRE(utf8_valid(s, left), STATUS_INVALID_PARAMETER);
	for (; left > 0; p += len, left -= len)
		utf8_put(&w, map(utf8_next(p, left, &len)));
	wr_u8(&w, 0);
	REQUIRE(wr_ok(&w), STATUS_NAME_TOO_LONG);
	return STATUS_SUCCESS;
}

nt
utf8_upper(const char *s, char *dst, size_t cap)
{
	return utf8_map(s, dst, cap, unicode_upper);
}

nt
utf8_lower(const char *s, char *dst, size_t cap)
{
	return utf8_map(s, dst, cap, unicode_lower);
}

/* The upcased code point at *p, which moves on; 0 at the end. */
static uint32_t
folded_next(const uint8_t **p)
{
	uint32_t cp;
	size_t len;

	if (**p < 0x80) {
		cp = unicode_upper(**p);
		*p += cp != 0;
		return cp;
	}
	cp = utf8_next(*p, strnlen((const char *)*p, 4), &len);
	cp = cp == CP_BAD ? BYTE_BASE + **p : unicode_upper(cp);
	*p += len;
	return cp;
}

int
utf8_casecmp(const char *a, const char *b)
{
	const uint8_t *x = (const uint8_t *)a;
	const uint8_t *y = (const uint8_t *)b;
	uint32_t cx, cy;

	do {
		cx = folded_next(&x);
		cy = folded_next(&y);
	} while (cx == cy && cx != 0);
	return cx < cy ? -1 : cx > cy;
}

uint64_t
utf8_casehash(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	uint64_t h	 = 0xcbf29ce484222325u; /* FNV-1a, a code point a step */
	uint32_t cp;

	while ((cp = folded_next(&p)) != 0)
		h = (h ^ cp) * 0x100000001b3u;
	return h ^ h >> 32;
}
