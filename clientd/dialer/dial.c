/*
 * dial.c - one dial: the name's addresses in turn, IPv6 and IPv4 alternating, the
 * next one started when the last has failed or has had its quarter of a second;
 * the first that connects is handed over.  [RFC8305] 4, 5
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "clientd/dialer/dialer.h"

struct attempt {
	struct dial *dial;
	struct loop_fd watch;	/* not added: not started, or over */
	int fd;
	struct net_addr to;
};

struct dial {
	TAILQ_ENTRY(dial) all;
	struct dialer *dialer;
	struct call *call;
	struct link *link;	/* NULL: the asker is gone */
	uint64_t id;
	uint16_t port;
	struct loop_timer deadline, stagger;
	struct attempt tries[RESOLVE_MAX];
	size_t n, started, failed;
	nt why;			/* of the last that failed */
	struct net_addr server;	/* that answered */
	bool handing;		/* the answer is on its way: deadlines are over */
};

static void dial_step(void *ctx);

static void
attempt_end(struct attempt *a)
{
	loop_del(&a->watch);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* Answers and forgets; the reply goes nowhere if the asker is gone. */
static void
dial_end(struct dial *d, nt status)
{
	const struct dialer_connect_rsp rsp = { .server = d->server };

	loop_timer_clear(&d->deadline);
	loop_timer_clear(&d->stagger);
	for (size_t i = 0; i < d->started; i++)
		attempt_end(&d->tries[i]);
	resolve_forget(d->dialer->resolver, d);
	dialer_connect_reply(d->call, status, nt_failed(status) ? NULL : &rsp, SPAN_NONE);
	TAILQ_REMOVE(&d->dialer->dials, d, all);
	d->dialer->n_dials--;
	free(d);
}

static void
on_deadline(void *ctx)
{
	dial_end(ctx, STATUS_IO_TIMEOUT);
}

static nt
nt_of_connect(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return STATUS_CONNECTION_REFUSED;
	case ENETUNREACH:
	case EAFNOSUPPORT:
	case EADDRNOTAVAIL:
		return STATUS_NETWORK_UNREACHABLE;
	case EHOSTUNREACH:
		return STATUS_HOST_UNREACHABLE;
	case ETIMEDOUT:
		return STATUS_IO_TIMEOUT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
		return STATUS_INSUFFICIENT_RESOURCES;
	default:
		return STATUS_UNEXPECTED_NETWORK_ERROR;
	}
}

/* ---- the hand-over ---- */

static void
on_handed(void *ctx, nt status, const struct session_socket_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	dial_end(ctx, status);
}

static void
dial_hand_over(struct dial *d, struct attempt *a)
{
	const struct session_socket_req req = { .id = d->id, .server = a->to };
	const struct call_opt opt = { .timeout_ms = 10000, .fd = a->fd, .has_fd = true };
	nt s			  = STATUS_CONNECTION_RESET;

	loop_timer_clear(&d->deadline);
	loop_timer_clear(&d->stagger);
	d->server  = a->to;
	d->handing = true;
	if (d->link)
		s = session_socket_call(d->link, &req, &opt, on_handed, d);
	for (size_t i = 0; i < d->started; i++)
		attempt_end(&d->tries[i]);	/* our copies; the link has its own */
	if (nt_failed(s))
		dial_end(d, s);
}

/* ---- the attempts ---- */

static void
attempt_failed(struct attempt *a, int err)
{
	struct dial *d = a->dial;

	attempt_end(a);
	d->why = nt_of_connect(err);
	d->failed++;
	if (d->failed == d->n)
		dial_end(d, d->why);
	else if (d->failed == d->started)
		dial_step(d);	/* nothing is under way: no need to wait */
}

static void
on_connected(void *ctx, uint32_t events)
{
	struct attempt *a = ctx;
	socklen_t n	  = sizeof(int);
	int err		  = 0, on = 1;

	(void)events;
	loop_del(&a->watch);
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		err = errno;
	if (err != 0) {
		attempt_failed(a, err);
		return;
	}
	(void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(a->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	dial_hand_over(a->dial, a);
}

static socklen_t
sockaddr_of(const struct net_addr *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4	= (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;

	memset(ret, 0, sizeof *ret);
	if (a->family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port   = htons(port);
		memcpy(&v4->sin_addr, a->b, 4);
		return sizeof *v4;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port	= htons(port);
	memcpy(&v6->sin6_addr, a->b, 16);
	return sizeof *v6;
}

static void
attempt_start(struct attempt *a)
{
	struct dial *d = a->dial;
	struct sockaddr_storage to;
	socklen_t n = sockaddr_of(&a->to, d->port, &to);

	a->to.port = d->port;
	a->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || (connect(a->fd, (struct sockaddr *)&to, n) != 0 && errno != EINPROGRESS))
		attempt_failed(a, errno);
	else
		loop_add(d->dialer->loop, &a->watch, a->fd, EPOLLOUT, on_connected, a);
}

/* The next attempt; d may be gone when this returns. */
static void
dial_step(void *ctx)
{
	struct dial *d	  = ctx;
	struct attempt *a = &d->tries[d->started];

	if (d->started == d->n)
		return;
	d->started++;
	if (d->started < d->n)
		loop_timer_set(d->dialer->loop, &d->stagger, DIAL_STAGGER_MS, dial_step, d);
	attempt_start(a);
}

/* [RFC8305] 4: the families take turns, beginning with that of the first address. */
static void
dial_order(struct dial *d, const struct net_addr *addr, size_t n)
{
	size_t at[2] = { 0, 0 };

	for (size_t turn = 0; d->n < n && d->n < RESOLVE_MAX; turn++) {
		size_t *i = &at[turn % 2];
		bool same = turn % 2 == 0;

		while (*i < n && (addr[*i].family == addr[0].family) != same)
			++*i;
		if (*i < n)
			d->tries[d->n++] = (struct attempt){ .dial = d, .fd = -1, .to = addr[(*i)++] };
	}
}

static void
on_resolved(void *ctx, nt status, const struct net_addr *addr, size_t n)
{
	struct dial *d = ctx;

	if (nt_failed(status)) {
		dial_end(d, status);
		return;
	}
	dial_order(d, addr, n);
	dial_step(d);
}

/* ---- what is asked ---- */

static nt
dial_admit(const struct dialer *me, const struct link *l, const struct dialer_connect_req *req)
{
	const struct dial *d;
	size_t n = 0;

	REQUIRE(req->host.n > 0 && req->port != 0, STATUS_INVALID_PARAMETER);
	REQUIRE(req->timeout_ms > 0 && req->timeout_ms <= DIAL_TIMEOUT_MAX,
		STATUS_INVALID_PARAMETER);
	TAILQ_FOREACH(d, &me->dials, all)
		n += d->link == l;
	REQUIRE(me->n_dials < DIALS_MAX && n < DIALS_PEER_MAX, STATUS_INSUFFICIENT_RESOURCES);
	return STATUS_SUCCESS;
}

nt
dialer_connect(struct dialer *me, struct call *c, const struct dialer_connect_req *req,
	       struct dialer_connect_rsp *rsp)
{
	struct net_addr literal;
	struct dial *d;
	nt s;

	(void)rsp;
	TRY(dial_admit(me, call_link(c), req));
	d	= xcalloc(1, sizeof *d);
	*d	= (struct dial){ .dialer = me, .link = call_link(c), .id = req->id,
			 .port = req->port };
	d->call = call_keep(c);
	TAILQ_INSERT_TAIL(&me->dials, d, all);
	me->n_dials++;
	loop_timer_set(me->loop, &d->deadline, req->timeout_ms, on_deadline, d);
	if (resolve_literal(req->host.s, &literal)) {
		on_resolved(d, STATUS_SUCCESS, &literal, 1);
		return STATUS_PENDING;
	}
	s = resolve(me->resolver, link_peer(d->link), req->host.s, on_resolved, d);
	if (nt_failed(s))
		dial_end(d, s);
	return STATUS_PENDING;
}

void
dials_forget(struct dialer *me, const struct link *l)
{
	struct dial *d, *next;

	for (d = TAILQ_FIRST(&me->dials); d; d = next) {
		next = TAILQ_NEXT(d, all);
		if (d->link != l)
			continue;
		d->link = NULL;
		if (!d->handing)
			dial_end(d, STATUS_CONNECTION_RESET);
	}
}
