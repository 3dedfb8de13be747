/*
 * carry.h - the join protocol over a network: seqpacket sockets of one host
 * go on at another, datagram by datagram, in frames of one connection.
 *
 * What a datagram carries besides bytes goes along by kind, each kind in one
 * direction only: from the directory's side sealed memory, whose bytes are
 * copied; from the storage's side one end of a new socket, which becomes a
 * stream of its own.  Any other descriptor, and any other frame, ends it all.
 *
 * Not for: who the other host is, or the transport (bridge.c, bridgehead.c).
 */
#ifndef BROKER_CARRY_H
#define BROKER_CARRY_H

#include "base/cursor.h"
#include "base/loop.h"
#include "base/nt.h"
#include "ipc/fdpass.h"

#define CARRY_MEMORY  (16u * 1024 * 1024)	/* bytes of one memfd */
#define CARRY_HEAD    16u
#define CARRY_STREAMS 64u			/* at a time */
#define CARRY_QUEUED  (32u * 1024 * 1024)	/* bytes waiting for a full socket */

enum carry_kind {
	CARRY_OPEN = 1,		/* a storage's first word, and the answer to it */
	CARRY_BEAT,		/* answered by the same kind, by the directory's side */
	CARRY_DATA,
	CARRY_CLOSE,		/* that stream; 0: all is over */
};

/* One frame.  DATA: a datagram of the stream, and what came with it. */
struct carry_frame {
	enum carry_kind kind;
	uint32_t stream;
	uint32_t born;		/* a new stream; 0: none.  Never used again */
	bool has_memory;
	struct span datagram, memory;
};

void carry_write(struct wr *, const struct carry_frame *);	/* all but memory, which follows */
nt carry_read(struct span, struct carry_frame *ret) MUST_USE;

struct carry;
struct stream;

/* To the other host: head is a frame but for memory.  False: it takes no more. */
typedef bool carry_send_fn(void *ctx, struct span head, struct span memory);

/* Zeroed, then carry_begin(). */
struct carry {
	struct loop *loop;
	bool storage;		/* we are on the storage's side */
	carry_send_fn *send;
	loop_fn *ended;		/* stream 0 has closed here, or nonsense came from here; not during a call */
	void *ctx;
	struct stream *streams;
	size_t n, queued;
	uint32_t last_born;
	const char *why;	/* it cannot go on */
	struct loop_timer end;
};

/* fd becomes stream 0. */
void carry_begin(struct carry *, struct loop *, bool storage, int fd, carry_send_fn *, loop_fn *ended,
    void *ctx);
/* A DATA or CLOSE frame of the other host; a failure is nonsense. */
nt carry_take(struct carry *, const struct carry_frame *) MUST_USE;
void carry_drop(struct carry *);

#endif
