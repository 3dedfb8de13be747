/*
 * resolver.h - what resolve.c and finder.c share; nobody else looks inside.
 */
#ifndef AUTHD_NET_RESOLVER_H
#define AUTHD_NET_RESOLVER_H

#include <stdbool.h>

#include "authd/net/resolve.h"

#define SERVERS_MAX 3u	 /* as resolv.conf(5) has it */
#define HOSTS_MAX   512u
#define DNS_PORT    53u

struct resolver {
	struct loop *loop;
	struct net_addr servers[SERVERS_MAX];
	size_t n_servers;
	struct host_row {
		char name[NAME_BOUND + 1];
		struct net_addr addr;
	} hosts[HOSTS_MAX];
	size_t n_hosts;
};

/* An address without brackets and port. */
bool host_parse(const char *text, uint16_t port, struct net_addr *ret) MUST_USE;
bool resolver_host(const struct resolver *, const char *name, struct net_addr *ret) MUST_USE;

/* list.c: each server of a list; those without a port have port. */
typedef void list_fn(void *ctx, const char *host, size_t n, uint16_t port);
void list_read(const char *list, uint16_t port, list_fn *, void *ctx);

#endif
