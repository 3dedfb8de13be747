/*
 * ferry.h - local files of a caller whose descriptors cannot come here: it is on another machine.
 *
 * The caller keeps calls waiting (client_local); each is answered with one order: read this much
 * there, or write this there.  What became of it comes with a later call.  A ferry is one caller's,
 * known by the token that it chose; a stream is the local end of one of its transfers.  Nothing here
 * trusts what comes but that it is the same owner's: an order is answered once, for what was asked.
 */
#ifndef CLIENTD_SESSION_FERRY_H
#define CLIENTD_SESSION_FERRY_H

#include "clientd/session/client.h"

#define FERRIES_MAX  64u
#define FERRY_CHUNK  (512u * 1024)	/* of one order */
#define FERRY_WINDOW 16u		/* orders that are out, of one stream */
#define FERRY_SHARED 32u		/* … and of all of a ferry, but each stream may have one */

struct stream;

/* Number 0 is no transfer's.  pipe: what is read or written comes in order, and once. */
nt stream_open(struct job *, const struct id16 *ferry, bool pipe, struct stream **ret) MUST_USE;
void stream_drop(struct stream *);	/* NULL is fine; what is out is forgotten */
/* *ret_n < n: the end. */
nt stream_read(struct stream *, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n) MUST_USE;
/* Not there yet when it returns: stream_settle() waits for that, and tells of what went wrong. */
nt stream_write(struct stream *, uint64_t off, struct span) MUST_USE;
nt stream_settle(struct stream *) MUST_USE;

#endif
