/*
 * ndr.h - NDR 2.0 (32-bit, little-endian) over the cursors: alignment, unique
 * pointers, conformant varying strings and arrays.  Alignment counts from the
 * cursor's base, which is the start of the stub.  [C706] 14, [MS-RPCE] 2.2.4
 */
#ifndef PROTO_RPC_NDR_H
#define PROTO_RPC_NDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/dtyp/sid.h"

uint16_t ndr_u16(struct rd *r);
uint32_t ndr_u32(struct rd *r);
uint64_t ndr_u64(struct rd *r);
bool ndr_ptr(struct rd *r); /* a unique pointer's referent id: is there a referent? */
/*
 * A conformant varying string of UTF-16, [string] wchar_t *: NUL-terminated, its
 * counts consistent.  As UTF-8 into dst; bad r if it is not well formed or too long.
 */
void ndr_string(struct rd *r, char *dst, size_t cap);
void ndr_skip_string(struct rd *r);

/*
 * RPC_UNICODE_STRING and RPC_STRING: the fixed part where it stands, the
 * characters when the turn of the referents comes.  [MS-DTYP] 2.3.10, [MS-NRPC] 2.2.1.1.1
 */
struct ndr_counted {
	uint16_t length, maximum; /* bytes */
	bool present;
};
struct ndr_counted ndr_counted(struct rd *r);
/* Both do nothing for an absent one; counts that contradict each other make r bad. */
void ndr_counted_utf16(struct rd *r, struct ndr_counted, char *dst, size_t cap);
void ndr_skip_counted_utf16(struct rd *r, struct ndr_counted);
/* The referent of a PSID: the count of sub-authorities, then the SID.  [MS-DTYP] 2.4.2.3 */
void ndr_sid(struct rd *r, struct sid *ret);

void wr_ndr_u16(struct wr *w, uint16_t v);
void wr_ndr_u32(struct wr *w, uint32_t v);
void wr_ndr_u64(struct wr *w, uint64_t v);
/* Referent ids count up in steps of 4, as other implementations send them. */
struct ndr_ids {
	uint32_t next;
};
void wr_ndr_ptr(struct wr *w, struct ndr_ids *, bool present);
void wr_ndr_string(struct wr *w, const char *utf8);
/* The two halves of a counted string; n: bytes, unit: 2 for UTF-16, 1 for STRING. */
void wr_ndr_counted(struct wr *w, struct ndr_ids *, size_t n);
void wr_ndr_counted_bytes(struct wr *w, struct span bytes, size_t unit);
void wr_ndr_counted_utf16(struct wr *w, const char *utf8);

#endif
