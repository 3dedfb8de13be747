/*
 * der.h - just enough DER for SPNEGO: definite, minimal lengths below 64 KiB
 * and one-byte tags.  A reader is entered and left; leaving checks that nothing
 * was left over.  [X.690] 8.1, 10.1
 */
#ifndef PROTO_AUTH_DER_H
#define PROTO_AUTH_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

enum der_tag {
	DER_BIT_STRING   = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID          = 0x06,
	DER_ENUMERATED   = 0x0a,
	DER_GENERAL      = 0x1b, /* GeneralString */
	DER_SEQUENCE     = 0x30,
	DER_APPLICATION0 = 0x60,
	DER_CONTEXT0     = 0xa0 /* + n: [n] constructed */
};

/* Is the next element of this tag?  Reads nothing. */
bool der_is(const struct rd *r, unsigned tag) MUST_USE;
/* The value of the next element; a bad r if its tag is another. */
struct span der_value(struct rd *r, unsigned tag);
/* A reader of that value.  Bad from the start if r is. */
struct rd der_enter(struct rd *r, unsigned tag);
/* Makes outer bad if inner is, or if inner has bytes left. */
void der_leave(struct rd *outer, const struct rd *inner);

/* Bytes of an element whose value has n bytes. */
size_t der_size(size_t n) MUST_USE;
/* Writes tag and length; the n bytes of value are the caller's next writes. */
void der_head(struct wr *w, unsigned tag, size_t n);
void der_put(struct wr *w, unsigned tag, struct span value);
/* Makes what was written since at the value of an element. */
void der_wrap(struct wr *w, size_t at, unsigned tag);

#endif
