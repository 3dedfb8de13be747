/*
 * finder.c - from a list or an SRV name to addresses.  One step at a time:
 * SRV, then for each host its address, from /etc/hosts or a name server.  What
 * has been found on the way: finder_hosts.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/net/finder.h"
#include "authd/net/stream.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

#define ASK_MS	    1000u /* one name server */
#define GOOD_FOR_NS (60ull * 1000000000)
#define BAD_FOR_NS  (3ull * 1000000000)

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
		finder_sort(f);
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
				   f->type == DNS_SRV ? finder_srv : finder_address, f);
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
		finder_place(f, h, &addr);
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
	list_read(f->list, f->port, finder_listed, f);
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
