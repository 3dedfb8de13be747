/*
 * stream.h - one TCP connection to a server that may be anybody: connecting,
 * bytes in, bytes out, the end.  Not for: time limits, which whoever asks has.
 */
#ifndef AUTHD_NET_STREAM_H
#define AUTHD_NET_STREAM_H

#include "base/loop.h"
#include "ipc/types.h"

#define STREAM_OUT_MAX (TOKEN_BOUND + 4096u)

enum stream_event {
	STREAM_UP,    /* connected */
	STREAM_BYTES, /* some came; borrowed */
	STREAM_DOWN   /* refused, closed or broken; already closed here */
};
/* May close the stream, and drop it in any event but STREAM_UP. */
typedef void stream_fn(void *ctx, enum stream_event, struct span bytes);

struct stream {
	struct loop *loop;
	int fd; /* -1: closed; zeroed is not closed: stream_init() */
	bool up;
	struct loop_fd watch;
	stream_fn *fn;
	void *ctx;
	uint8_t *out; /* what the socket has not taken yet */
	size_t out_from, out_n;
	int error; /* errno of the end, 0: closed by the other side */
};

void stream_init(struct stream *, struct loop *, stream_fn *, void *ctx);
/* STATUS_NETWORK_UNREACHABLE and the like at once; else an event follows. */
nt stream_open(struct stream *, const struct net_addr *) MUST_USE;
/* Takes a copy; may be called before STREAM_UP.  Too much at once closes it, later, as broken. */
void stream_send(struct stream *, struct span);
void stream_close(struct stream *); /* no event; closed already is fine */

/* A non-blocking socket connected, or connecting, to addr; -1 and errno. */
int socket_connect(const struct net_addr *, int type);

#endif
