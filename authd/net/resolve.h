/*
 * resolve.h - where the servers of a service are: a list from the
 * configuration, or SRV records.  Asks name servers from the event loop, one
 * datagram at a time; nothing here blocks, and nothing is read from files after
 * resolver_new().
 */
#ifndef AUTHD_NET_RESOLVE_H
#define AUTHD_NET_RESOLVE_H

#include "base/loop.h"
#include "ipc/types.h"

#define PLACES_MAX 16u /* servers of one service that we try */

struct resolver;
struct finder;

/* What was found, the one to try first in front; n may be 0. */
struct places {
	size_t n;
	struct place {
		struct net_addr addr;
		char host[NAME_BOUND + 1]; /* as the list or the SRV record calls it */
	} v[PLACES_MAX];
};

/* Reads /etc/resolv.conf and /etc/hosts: before the sandbox closes. */
struct resolver *resolver_new(struct loop *);
void resolver_drop(struct resolver *);

/*
 * list: addresses and names, with or without a port, separated by blanks or
 * commas; if it is empty the SRV name is asked for, then the other.  All are copied.
 */
struct finder *finder_new(struct resolver *, const char *list, const char *srv,
			  const char *srv_else, uint16_t port);
void finder_drop(struct finder *);

typedef void places_fn(void *ctx, const struct places *);
struct finder_wait {
	struct finder *finder; /* NULL: not waiting */
	struct finder_wait *next;
	places_fn *fn;
	void *ctx;
};
/*
 * Calls fn, at once if it is known; what was found is good for a minute.  The
 * caller has a time limit of its own and finder_cancel().
 */
void finder_get(struct finder *, struct finder_wait *, places_fn *, void *ctx);
void finder_cancel(struct finder_wait *); /* also if it does not wait */
/* What is known has proved wrong: ask again next time. */
void finder_forget(struct finder *);
/* Nobody waits, nothing is on its way: it may be dropped. */
bool finder_is_idle(const struct finder *) MUST_USE;

/* For tests: the two files' texts. */
void resolver_read_conf(struct resolver *, const char *text);
void resolver_read_hosts(struct resolver *, const char *text);

#endif
