/*
 * finder.c - from a list or an SRV name to addresses.  One step at a time:
 * SRV, then for each host its address, from /etc/hosts or a name server.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/net/resolver.h"
#include "authd/net/stream.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/dns.h"

#define ASK_MS	    1000u /* one name server */
#define GOOD_FOR_NS (60ull * 1000000000)
#define BAD_FOR_NS  (3ull * 1000000000)

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

static void finder_step(struct finder *);

struct finder *
finder_new(struct resolver *r, const char *list, const char *srv, const char *srv_else,
	   uint16_t port)
{
	struct finder *f = xcalloc(1, sizeof *f);

	f->resolver = r;
	f->list	    = xstrdup(list);
	f->srv[0]   = xstrdup(srv);
	f->srv[1]   = xstrdup(srv_else);
	f->port	    = port;
	f->fd	    = -1;
	return f;
}

static void
socket_close(struct finder *f)
{
	loop_timer_clear(&f->timer);
	loop_del(&f->watch);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void
finder_drop(struct finder *f)
{
	if (!f)
		return;
	socket_close(f);
	free(f->list);
	free(f->srv[0]);
	free(f->srv[1]);
	free(f);
}

/* ---- what is to be looked up ---- */

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

static void
listed(void *ctx, const char *name, size_t n, uint16_t port)
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

static void
srv_found(void *ctx, const struct dns_record *r)
{
	host_add(ctx, r->target, strlen(r->target), r->port, r->priority);
}

static void
place_add(struct finder *f, const struct host *h, const struct net_addr *addr)
{
	struct place *p = &f->next.v[f->next.n];

	if (f->next.n == PLACES_MAX)
		return;
	p->addr	     = *addr;
	p->addr.port = h->port;
	memcpy(p->host, h->name, sizeof p->host);
	f->next.n++;
}

static void
address_found(void *ctx, const struct dns_record *r)
{
	struct finder *f     = ctx;
	struct net_addr addr = { .family = f->type == DNS_A ? 4 : 6 };

	memcpy(addr.b, r->address.p, r->address.n);
	place_add(f, &f->hosts[f->at], &addr);
}

/* ---- asking ---- */

static void
search_end(struct finder *f)
{
	struct finder_wait *w;

	f->busy	 = false;
	f->found = f->next;
	f->until = loop_now(f->resolver->loop) + (f->found.n > 0 ? GOOD_FOR_NS : BAD_FOR_NS);
	while ((w = f->waits)) {
		f->waits  = w->next;
		w->finder = NULL;
		w->fn(w->ctx, &f->found);
	}
}

/* What this question gave is in; on to the next. */
static void
answer_done(struct finder *f)
{
	socket_close(f);
	f->server = 0;
	if (f->type == DNS_SRV && f->n_hosts == 0 && ++f->srv_at < NELEM(f->srv)) {
		finder_step(f);
		return;
	}
	if (f->type == DNS_SRV) {
		qsort(f->hosts, f->n_hosts, sizeof f->hosts[0], host_compare);
		f->type = DNS_A;
	} else if (f->type == DNS_A && f->next.n == 0) {
		f->type = DNS_AAAA;
	} else {
		f->at++;
		f->type = DNS_A;
	}
	finder_step(f);
}

static void
server_next(void *ctx)
{
	struct finder *f = ctx;

	socket_close(f);
	f->server++;
	finder_step(f);
}

static void
on_answer(void *ctx, uint32_t events)
{
	struct finder *f = ctx;
	uint8_t buf[DNS_UDP_MAX];
	ssize_t n = recv(f->fd, buf, sizeof buf, 0);
	nt status;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		server_next(f);
		return;
	}
	status = dns_answer_decode(SPAN(buf, (size_t)n), SPAN(f->query, f->query_n), f->type,
				   f->type == DNS_SRV ? srv_found : address_found, f);
	if (nt_is(status, STATUS_INVALID_PARAMETER))
		return; /* not an answer to this: somebody guesses */
	if (nt_is(status, STATUS_RETRY))
		server_next(f);
	else
		answer_done(f);
}

static void
ask(struct finder *f, const char *name)
{
	struct wr w = wr_init(f->query, sizeof f->query);

	dns_query_encode(&w, (uint16_t)random_u64(), name, f->type);
	if (!wr_ok(&w) || f->server >= f->resolver->n_servers) {
		answer_done(f);
		return;
	}
	f->query_n = w.pos;
	f->fd	   = socket_connect(&f->resolver->servers[f->server], SOCK_DGRAM);
	if (f->fd < 0 || send(f->fd, f->query, f->query_n, 0) < 0) {
		server_next(f);
		return;
	}
	loop_add(f->resolver->loop, &f->watch, f->fd, EPOLLIN, on_answer, f);
	loop_timer_set(f->resolver->loop, &f->timer, ASK_MS, server_next, f);
}

/* The next host that needs a question; those that need none on the way. */
static void
finder_step(struct finder *f)
{
	struct net_addr addr;

	if (f->type == DNS_SRV) {
		ask(f, f->srv[f->srv_at]);
		return;
	}
	for (; f->at < f->n_hosts && f->next.n < PLACES_MAX; f->at++) {
		const struct host *h = &f->hosts[f->at];

		if (!host_parse(h->name, h->port, &addr) &&
		    !resolver_host(f->resolver, h->name, &addr)) {
			ask(f, h->name);
			return;
		}
		place_add(f, h, &addr);
	}
	search_end(f);
}

static void
search_start(struct finder *f)
{
	f->busy	   = true;
	f->next	   = (struct places){ 0 };
	f->n_hosts = f->at = f->server = 0;
	f->srv_at		       = 0;
	f->type			       = DNS_A;
	list_read(f->list, f->port, listed, f);
	if (f->n_hosts == 0 && !f->list[0])
		f->type = DNS_SRV;
	finder_step(f);
}

void
finder_get(struct finder *f, struct finder_wait *w, places_fn *fn, void *ctx)
{
	if (f->until > loop_now(f->resolver->loop)) {
		fn(ctx, &f->found);
		return;
	}
	*w	 = (struct finder_wait){ .finder = f, .next = f->waits, .fn = fn, .ctx = ctx };
	f->waits = w;
	if (!f->busy)
		search_start(f);
}

void
finder_cancel(struct finder_wait *w)
{
	if (!w->finder)
		return;
	for (struct finder_wait **at = &w->finder->waits; *at; at = &(*at)->next) {
		if (*at == w) {
			*at = w->next;
			break;
		}
	}
	w->finder = NULL;
}

void
finder_forget(struct finder *f)
{
	f->until = 0;
}

bool
finder_is_idle(const struct finder *f)
{
	return !f->busy && !f->waits;
}
