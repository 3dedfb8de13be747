/* stream.h - inside of a ferry; for ferry.c and stream.c only. */
#ifndef CLIENTD_SESSION_STREAM_H
#define CLIENTD_SESSION_STREAM_H

#include "clientd/session/ferry.h"

/* One caller's, by its token. */
struct ferry {
	TAILQ_ENTRY(ferry) all;
	struct client *client;
	struct id16 token;
	size_t users;			/* streams, and calls that wait */
	uint64_t heard;			/* when it called last */
	uint64_t last_order;
	TAILQ_HEAD(, order) orders;	/* no call has taken them yet */
	LIST_HEAD(, stream) streams;
	size_t n_streams;
	bool ending;			/* calls that wait do so no more */
	struct waitq waiting;		/* calls */
};

struct order {
	TAILQ_ENTRY(order) all;
	uint64_t id, job, off;
	uint32_t len;
	bool write;
	uint8_t bytes[];		/* of a write */
};

/* A part of the file that was ordered and is not given on yet, or was written and not acknowledged. */
struct chunk {
	uint64_t order, off;
	uint32_t len, n;		/* asked, came */
	bool answered;
	uint8_t *buf;			/* what was read; NULL: nothing */
};

/* The local end of one transfer. */
struct stream {
	LIST_ENTRY(stream) of_ferry;
	struct ferry *ferry;
	uint64_t job;
	bool pipe;
	uint64_t next;			/* where the next order to read begins */
	bool ended;			/* an answer was short: nothing is behind it */
	nt failed;			/* what the caller could not do */
	struct chunk ring[FERRY_WINDOW];
	unsigned first, count;
	struct waitq moved;
};

nt ferry_enter(struct client *, const struct id16 *, struct ferry **ret) MUST_USE;
void ferry_leave(struct ferry *);
void ferry_order(struct ferry *, struct order *);	/* takes it */
void order_drop(struct ferry *, struct order *);
/* STATUS_IO_TIMEOUT: the caller is not there any more. */
nt ferry_wait(struct ferry *, struct waitq *) MUST_USE;
/* What became of an order.  One that nobody waits for any more is no mistake of the caller's. */
nt streams_answered(struct ferry *, uint64_t order, nt status, struct span data) MUST_USE;

#endif
