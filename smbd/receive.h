/*
 * receive.h - frames on their way in; between receive.c and receive_bulk.c.
 */
#ifndef SMBD_RECEIVE_H
#define SMBD_RECEIVE_H

#include "smbd/rq.h"

/* 3.3.5.2.1.1.  What the message holds is in iov, and decrypted in place.  NULL: it does not open. */
struct chan *rx_unseal(struct conn *, const uint8_t *hdr, struct iovec iov);
/* ch: whose key has opened it, or NULL. */
void rx_plain(struct conn *, struct span frame, struct chan *ch);
/* p is ours to write to: encrypted ones are opened in place. */
void rx_frame(struct conn *, uint8_t *p, size_t n);

/* receive_bulk.c: the first n bytes of a large frame of len bytes are at p. */
void rx_bulk_begin(struct conn *, const uint8_t *p, size_t n, uint32_t len);
void rx_bulk_end(struct conn *);	/* all of it is there */

#endif
