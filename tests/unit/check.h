/*
 * check.h - what every unit test wants beside cmocka: statuses by name, hex
 * vectors, and the two attacks each decoder must survive (cut and mutated).
 */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/nt.h"

/* Fails with both names, which numbers would not tell. */
#define assert_status(got, want)                                            \
	do {                                                                \
		nt got_ = (got);                                            \
		if (!nt_is(got_, (want)))                                   \
			fail_msg("got %s, want %s", nt_name(got_), nt_name(want)); \
	} while (0)

#define assert_span(s, ptr, len)                                  \
	do {                                                      \
		assert_int_equal((s).n, (len));                   \
		assert_memory_equal((s).p, (ptr), (len));         \
	} while (0)

/* Hex digits of text up to its end, '#' comments and blanks skipped.  Returns the bytes. */
static inline size_t
hex_parse(const char *text, uint8_t *dst, size_t cap)
{
	size_t n = 0;
	int hi   = -1;

	for (; *text; text++) {
		if (*text == '#') {
			text += strcspn(text, "\n");
			if (!*text)
				break;
		}
		if (!isxdigit((unsigned char)*text))
			continue;
		int v = isdigit((unsigned char)*text) ? *text - '0' : (*text | 32) - 'a' + 10;
		if (hi < 0) {
			hi = v;
			continue;
		}
		assert_true(n < cap);
		dst[n++] = (uint8_t)(hi << 4 | v);
		hi       = -1;
	}
	assert_int_equal(hi, -1);
	return n;
}

#ifdef BH_VECTORS
/* tests/vectors/NAME into dst. */
static inline struct span
vector_load(const char *name, uint8_t *dst, size_t cap)
{
	static char text[1 << 20];
	char path[1024];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s/%s", BH_VECTORS, name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("no vector %s", path);
	n       = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return SPAN(dst, hex_parse(text, dst, cap));
}
#endif

typedef void check_fn(struct span);

/* A helper either succeeds or fails; nothing in between.  For bytes that may be either. */
static inline void
check_decided(nt s)
{
	assert_true(nt_ok(s) || nt_failed(s));
}

/* Runs fn on each proper prefix of s, each in memory of exactly its size. */
static inline void
check_cuts(struct span s, check_fn *fn)
{
	for (size_t n = 0; n < s.n; n++) {
		uint8_t *p = malloc(n ? n : 1);

		assert_non_null(p);
		memcpy(p, s.p, n);
		fn(SPAN(p, n));
		free(p);
	}
}

/* Runs fn on s with each byte replaced by the values that tend to hurt. */
static inline void
check_mutations(struct span s, check_fn *fn)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	uint8_t *p                    = malloc(s.n ? s.n : 1);

	assert_non_null(p);
	for (size_t i = 0; i < s.n; i++) {
		for (size_t v = 0; v < sizeof values + 1; v++) {
			memcpy(p, s.p, s.n);
			p[i] = v < sizeof values ? values[v] : (uint8_t)(p[i] ^ 0x10);
			fn(SPAN(p, s.n));
		}
	}
	free(p);
}

#endif
