/*
 * way.h - how RPC reaches a controller: by TCP, or by a named pipe over SMB.  The
 * events are those of stream.h, but that STREAM_UP is nobody's concern; bytes are
 * RPC's either way.  Not for: time limits, which whoever asks has.
 */
#ifndef AUTHD_NET_WAY_H
#define AUTHD_NET_WAY_H

#include "authd/net/smb.h"
#include "authd/net/stream.h"

struct way {
	struct stream stream;
	struct smb *smb; /* NULL: TCP */
	uint8_t *queue;	 /* fragments that the pipe has not been given yet */
	size_t queue_from, queue_n;
	const char *why;
	stream_fn *fn;
	void *ctx;
};

/* Zeroed is not closed, as with streams. */
void way_init(struct way *, struct loop *, stream_fn *, void *ctx);
/* who: whose pipe; NULL: TCP.  What it borrows outlives the way. */
nt way_open(struct way *, const struct net_addr *, const struct smb_who *who) MUST_USE;
/* Whole fragments.  May be called before it stands. */
void way_send(struct way *, struct span fragments);
/* The answer is longer than what came: a pipe has to be asked for the rest. */
void way_more(struct way *);
void way_close(struct way *); /* no event; closed already is fine */
/* How it goes, for the log. */
const char *way_how(const struct way *);
/* Why it is down, for people. */
const char *way_why(const struct way *);

#endif
