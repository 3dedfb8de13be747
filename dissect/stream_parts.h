/*
 * stream_parts.h - what stream.c and order.c share; nobody else includes it.
 */
#ifndef DISSECT_STREAM_PARTS_H
#define DISSECT_STREAM_PARTS_H

#include "dissect/assemble.h"
#include "dissect/stream.h"

struct pending {
	uint32_t seq;
	uint32_t missing;
	size_t n;
	uint8_t *bytes;
};

struct direction {
	bool synced;
	uint32_t next; /* sequence number expected */
	size_t n_pending;
	struct pending pending[PENDING_MAX]; /* by sequence number */
	struct assembly assembly;
};

struct stream {
	bool used;
	uint64_t number, last_seen;
	struct endpoint ends[2]; /* ends[i] sends direction i */
	int client;		 /* 0 or 1; -1 unknown */
	void *user;
	struct direction directions[2];
};

struct streams {
	struct stream_sink sink;
	uint64_t count, clock;
	size_t held; /* bytes in memory, all streams together */
	size_t top;  /* streams behind it were never used */
	struct stream streams[STREAMS_MAX];
};

/* Something about one direction of one connection. */
struct feed {
	struct streams *all;
	struct stream *stream;
	const struct packet *packet;
	int dir;
};

/* Sequence numbers wrap: a is before b if the way there is the shorter one. */
static inline int32_t
seq_distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

void order_feed(struct feed *, const struct segment *);
/* Nothing more will come: gaps are given up, a message begun is handed out cut. */
void order_end(struct feed *);

#endif
