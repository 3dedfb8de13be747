/*
 * body.h - what the body codecs of this folder share: StructureSize, and the
 * buffers that a fixed part points to.  Private to proto/smb2/.
 */
#ifndef PROTO_SMB2_BODY_H
#define PROTO_SMB2_BODY_H

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

/* r stands just behind the header.  Every body starts with its StructureSize. */
nt body_open(struct rd *r, uint16_t structure_size) MUST_USE;
/* The same for a writer; makes w bad if it does not stand just behind the header. */
void body_begin(struct wr *w, size_t hdr_at, uint16_t structure_size);
/* For bodies of StructureSize 4: nothing but two reserved bytes. */
nt body_empty_decode(struct rd *r, uint16_t *ret_reserved) MUST_USE;
void body_empty_encode(struct wr *w, size_t hdr_at, uint16_t reserved);

/*
 * Appends s and notes where it stands: a 16 or 32 bit offset from hdr_at at
 * off_at and its length at len_at.  Both stay 0 for an empty one.  Makes w bad
 * if a value does not fit its field.
 */
void body_put16(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s);
void body_put32(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s);
/* Pads to a multiple of to, counted from hdr_at. */
void body_align(struct wr *w, size_t hdr_at, size_t to);

#endif
