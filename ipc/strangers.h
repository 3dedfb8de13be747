/*
 * strangers.h - the connections of a ROUTER that other machines reach: libzmq accepts
 * without end, its monitor tells us each connection's descriptor, and of too many that
 * have shown no key some are cut (visits.h).
 */
#ifndef IPC_STRANGERS_H
#define IPC_STRANGERS_H

#include "base/loop.h"
#include "ipc/visits.h"

struct strangers {
	struct visits visits;
	const char *port;		/* whose, for the log: "scripts" */
	void (*ended)(void *ctx, int fd);	/* one connection is over; or NULL */
	void *ctx;

	void *monitor;
	struct loop_fd watch;
	struct loop_poll poll;
	bool woken;
	uint32_t connections;		/* now */
	uint64_t refused, cut;
};

/* port, ended and ctx are set.  Before the socket is bound; both live as long as the loop. */
void strangers_watch(struct strangers *, struct loop *, void *zmq, void *sock);
void strangers_close(struct strangers *, void *sock);
/* That connection has asked something by this key (not 0): it counts among the key's. */
void strangers_known(struct strangers *, int fd, uint64_t key);
/* That connection is a peer's: it counts no more. */
void strangers_met(struct strangers *, int fd);

#endif
