/*
 * stream.h - TCP connections followed, and SMB messages cut out of them.
 *
 * Segments may come twice, overlap, come out of order or be missing.  Memory is
 * bounded: STREAMS_MAX connections (the one silent for longest makes room),
 * PENDING_MAX segments waiting for a gap to close in each direction, one message
 * under assembly each, STREAM_BYTES_MAX in all.  A gap that does not close is
 * given up: what was there of the message is handed out as cut, and the next
 * message is looked for at the start of a segment.
 */
#ifndef DISSECT_STREAM_H
#define DISSECT_STREAM_H

#include "base/cursor.h"
#include "dissect/link.h"

#define STREAMS_MAX	 1024
#define PENDING_MAX	 64
#define STREAM_BYTES_MAX (256u << 20)

/* Which side a message came from; unknown if the capture began in the middle. */
enum stream_side { SIDE_UNKNOWN, SIDE_CLIENT, SIDE_SERVER };

struct frame {
	uint64_t number, time;	/* of the packet that completed it */
	const struct endpoint *from, *to;
	enum stream_side side;	/* of the sender, as TCP shows it */
	uint64_t stream;	/* number of the connection, from 1 */
	struct span bytes;	/* from the SMB header on; until the callback returns */
	uint32_t missing;	/* bytes behind it that the capture lacks */
	bool shown;		/* by a process that spoke it: in the clear, secrets as zeros */
	bool opened;		/* … which had it encrypted */
	void **user;		/* the receiver's own, one a connection; NULL at first */
};

struct streams;

struct stream_sink {
	void (*frame)(void *ctx, const struct frame *);
	void (*gone)(void *ctx, void *user);	/* the connection's end: free it */
	void *ctx;
};

struct streams *streams_new(struct stream_sink);
void streams_drop(struct streams *);	/* NULL is fine; hands out what is left */
DEFINE_CLEANUP(struct streams, streams_drop)
void streams_feed(struct streams *, const struct packet *, const struct segment *);

#endif
