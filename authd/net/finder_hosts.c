/*
 * finder_hosts.c - the hosts a search has to look up, and the places it has found.
 */
#include "authd/net/finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void
host_add(struct finder *f, const char *name, size_t n, uint16_t port, uint16_t priority)
{
	struct host *h = &f->hosts[f->n_hosts];

	if (f->n_hosts == PLACES_MAX || n == 0 || n > NAME_BOUND)
		return;
	memcpy(h->name, name, n);
	h->name[n]  = '\0';
	h->port	    = port;
	h->priority = priority;
	h->order    = (uint32_t)random_u64();
	f->n_hosts++;
}

void
finder_listed(void *ctx, const char *name, size_t n, uint16_t port)
{
	host_add(ctx, name, n, port, 0);
}

static int
host_compare(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void
finder_srv(void *ctx, const struct dns_record *r)
{
	host_add(ctx, r->target, strlen(r->target), r->port, r->priority);
}

void
finder_place(struct finder *f, const struct host *h, const struct net_addr *addr)
{
	struct place *p = &f->next.v[f->next.n];

	if (f->next.n == PLACES_MAX)
		return;
	p->addr	     = *addr;
	p->addr.port = h->port;
	memcpy(p->host, h->name, sizeof p->host);
	f->next.n++;
}

void
finder_address(void *ctx, const struct dns_record *r)
{
	struct finder *f     = ctx;
	struct net_addr addr = { .family = f->type == DNS_A ? 4 : 6 };

	memcpy(addr.b, r->address.p, r->address.n);
	finder_place(f, &f->hosts[f->at], &addr);
}

void
finder_sort(struct finder *f)
{
	qsort(f->hosts, f->n_hosts, sizeof f->hosts[0], host_compare);
}
