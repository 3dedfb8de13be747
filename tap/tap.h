/*
 * tap.h - packets for people who look for a fault: a process shows the messages it
 * speaks, as it sees them, to the api (ipc/msg/trace.msg.h).
 *
 * Nothing waits for it: what the api does not take in time is counted and left
 * out.  While nobody looks, taps.n is 0 and one test of it is all that a message costs.
 * What may be shown is decided in proto/smb2/redact.c.
 */
#ifndef TAP_TAP_H
#define TAP_TAP_H

#include <sys/uio.h>

#include "base/loop.h"
#include "ipc/msg/trace.msg.h"
#include "ipc/node.h"

#define TAP_OUT_MAX   2048u	/* packets on their way to the api */
#define TAP_OUT_BYTES (4u * 1024 * 1024)

struct tap {
	struct trace_tap_req is;	/* trace 0: free; its strings are the two below */
	char user[NAME_BOUND + 1], share[NAME_BOUND + 1];
	uint64_t lost;
};

struct taps {
	uint32_t n;
	struct node *node;
	struct tap taps[TRACES_MAX];
	uint8_t *room;		/* TRACE_SNAP_MAX bytes, once something was looked at */
	uint32_t out, first;	/* on their way, and the oldest of their sizes */
	uint32_t sizes[TAP_OUT_MAX];
	size_t out_bytes;
};

/* What is known of one message of a chain. */
struct tap_about {
	uint64_t session;
	const char *user, *share;	/* NULL: none, or not known */
	const struct net_addr *client;
	uint16_t command;
};

/* A whole message: the chain of them that one frame is. */
struct tap_packet {
	bool answer, encrypted;
	struct net_addr client, server;
	uint32_t connection;
	uint64_t session;
	const char *user;
	const struct iovec *iov;
	size_t n_iov;
};

void taps_init(struct taps *, struct node *);
void taps_clear(struct taps *);		/* the api has gone, and who asked with it */
/* Bits of the taps that want it. */
uint32_t taps_match(const struct taps *, const struct tap_about *);
void taps_show(struct taps *, uint32_t which, const struct tap_packet *);

/* Rows for the methods of a process that has called taps_init(). */
void trace_tap_serve(void *me, struct call *, struct span body);
void trace_untap_serve(void *me, struct call *, struct span body);
#define TAP_ROWS { &trace_tap_desc, trace_tap_serve }, { &trace_untap_desc, trace_untap_serve },

#endif
