/*
 * build.h - what the files of the builder share; nobody else includes it.
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

/* Where each field was written, and whether the caller chose its value. */
struct written {
	size_t at[FIELDS_MAX];
	bool given[FIELDS_MAX];
	uint64_t value[FIELDS_MAX];
};

/* Keys of other views, which say nothing that the fields do not. */
bool build_is_view(const char *key) MUST_USE;
/* NULL, or the first name that the layout lacks. */
const char *build_foreign_key(const struct layout *, const json_t *obj) MUST_USE;
/* The fixed fields, and then the parts; what the fields say of them is patched in. */
nt build_fields(struct build *, const struct layout *, const json_t *obj,
		struct written *ret) MUST_USE;
nt build_parts(struct build *, const struct layout *, const json_t *obj,
	       const struct written *) MUST_USE;

/* Writes the sentence and fails. */
nt build_refuse(struct build *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))) MUST_USE;
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
