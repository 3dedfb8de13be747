/*
 * finder.h - one search, for finder.c and finder_hosts.c alone.
 */
#ifndef AUTHD_NET_FINDER_H
#define AUTHD_NET_FINDER_H

#include "authd/net/resolver.h"
#include "proto/dns.h"

struct host {
	char name[NAME_BOUND + 1];
	uint16_t port, priority;
	uint32_t order; /* random: among equals nobody is always first */
};

struct finder {
	struct resolver *resolver;
	char *list, *srv[2];
	unsigned srv_at;
	uint16_t port;
	struct places found;
	uint64_t until; /* found is good till then; 0: nothing known */
	struct finder_wait *waits;

	/* the search on its way */
	bool busy;
	struct places next;
	struct host hosts[PLACES_MAX];
	size_t n_hosts, at;
	enum dns_type type;
	size_t server; /* name server being asked */
	uint8_t query[512];
	size_t query_n;
	int fd;
	struct loop_fd watch;
	struct loop_timer timer;
};

/* ---- finder_hosts.c: what comes beyond PLACES_MAX is left out ---- */
/* A host to be looked up: of the list (a list_fn), or of an SRV record.  ctx: the finder. */
void finder_listed(void *ctx, const char *name, size_t n, uint16_t port);
void finder_srv(void *ctx, const struct dns_record *);
/* By priority; those of the same in no order. */
void finder_sort(struct finder *);
/* An address of the host that is being looked up, or of this one. */
void finder_address(void *ctx, const struct dns_record *);
void finder_place(struct finder *, const struct host *, const struct net_addr *);

#endif
