/*
 * transport.h - the four bytes before every message on TCP: a zero byte and a
 * 24-bit big-endian length.  Not for: reading sockets.  [MS-SMB2] 2.1
 */
#ifndef PROTO_TRANSPORT_H
#define PROTO_TRANSPORT_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define TRANSPORT_HDR_SIZE 4
#define TRANSPORT_LEN_MAX  0x00FFFFFFu

/* STATUS_INVALID_PARAMETER if the first byte is not zero: not SMB, or a NetBIOS service packet. */
nt transport_decode(const uint8_t hdr[TRANSPORT_HDR_SIZE], uint32_t *ret_len) MUST_USE;
/* len above TRANSPORT_LEN_MAX is our own bug and fatal. */
void transport_encode(uint8_t hdr[TRANSPORT_HDR_SIZE], uint32_t len);

/* Around a message built in one buffer: at = transport_begin(w); … transport_end(w, at). */
size_t transport_begin(struct wr *w) MUST_USE;
void transport_end(struct wr *w, size_t at); /* makes w bad if the message is too long */

#endif
