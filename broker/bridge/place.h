/*
 * place.h - where a storage of another host is: what its name means now, and the
 * connections that wait until that is known.
 */
#ifndef BROKER_PLACE_H
#define BROKER_PLACE_H

#include "base/loop.h"
#include "ipc/resolve.h"

struct place_wait;

struct place {
	struct loop *loop;
	struct resolver *resolver;	/* NULL: at is an address, no name */
	struct resolve_target at;
	const char *storage;
	struct net_addr addr[RESOLVE_MAX];
	size_t n, turn;			/* the next to be tried */
	uint64_t looked;		/* CLOCK_MONOTONIC ns; 0: to be looked up again */
	bool looking;
	struct place_wait *waiting;
	loop_fn *ended;			/* one connection is over */
	void *ctx;
};

/* The rest is zero.  resolver is needed where the host is a name. */
void place_begin(struct place *);
/* here: connected, and closed with the end. */
void place_connect(struct place *, int here);
bool place_has_name(const struct resolve_target *) MUST_USE;

#endif
