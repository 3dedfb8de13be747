/*
 * build.h - what build.c and build_value.c share; nobody else includes it.
 */
#ifndef DISSECT_BUILD_H
#define DISSECT_BUILD_H

#include "dissect/json.h"
#include "dissect/layout.h"

/* A packet under construction. */
struct build {
	struct wr *w;
	size_t hdr_at;	/* offsets count from here */
	char *why;	/* BUILD_WHY bytes */
};

/* Writes the sentence and fails. */
nt build_refuse(struct build *, const char *fmt, ...) __attribute__((format(printf, 2, 3))) MUST_USE;
/* A number as an integer, as digits, or by the names it has ("A|B" for bits). */
nt build_number(struct build *, const char *name, const json_t *, unsigned width,
		const struct names *, uint64_t *ret) MUST_USE;
nt build_hex(struct build *, const char *name, const json_t *) MUST_USE;
/* Hex of exactly n bytes. */
nt build_hex_n(struct build *, const char *name, const json_t *, size_t n) MUST_USE;
nt build_guid(struct build *, const char *name, const json_t *) MUST_USE;
nt build_fid(struct build *, const char *name, const json_t *) MUST_USE;
/* UTF-16 from a string, or bytes from {"hex": …}. */
nt build_utf16(struct build *, const char *name, const json_t *) MUST_USE;
void build_le(struct wr *, uint64_t v, unsigned width);

#endif
