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
/*
 * An odd StructureSize counts one byte of a variable part.  Requests send it
 * even if that part is empty, since servers are free to demand it.
 */
void body_end(struct wr *w, size_t hdr_at, uint16_t structure_size);
/* For bodies of StructureSize 4: nothing but two reserved bytes. */
nt body_empty_decode(struct rd *r, uint16_t *ret_reserved) MUST_USE;
void body_empty_encode(struct wr *w, size_t hdr_at, uint16_t reserved);

/*
 * Appends s and notes where it stands: an offset from hdr_at at off_at and the
 * length at len_at, for put16 both in 16 bits, for put32 in 32.  An empty one
 * gets the offset it would have had.  Makes w bad if a value does not fit.
 */
void body_put16(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s);
void body_put32(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s);
/* A 16-bit offset with a 32-bit length, as QUERY_INFO and SET_INFO have it. */
void body_put16_32(struct wr *w, size_t hdr_at, size_t off_at, size_t len_at, struct span s);
/* Pads to a multiple of to (a power of two), counted from hdr_at. */
void body_align(struct wr *w, size_t hdr_at, size_t to);

/*
 * OutputBufferOffset, OutputBufferLength and the buffer: the whole response of
 * QUERY_DIRECTORY, CHANGE_NOTIFY and QUERY_INFO.  2.2.34, 2.2.36, 2.2.38
 */
nt body_output_decode(struct rd *r, struct span *ret) MUST_USE;
void body_output_encode(struct wr *w, size_t hdr_at, struct span output);

#endif
