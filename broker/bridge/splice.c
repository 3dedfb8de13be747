/*
 * splice.c - one connection of the relay; see splice.h.
 *
 * Read as much as the other side takes: what it does not take at once waits
 * here, and nothing more is read until it has gone.
 */
#include "broker/bridge/splice.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"

#define CONNECT_MS 5000u  /* the other host, to answer at all */
#define UNACKED_MS 10000  /* … and to take what was sent */
#define IDLE_S	   5	  /* until it is asked whether it is there */
#define PROBE_S	   2
#define PROBES	   3
#define ROOM	   (256u * 1024)
#define RUN	   8 /* rooms full before others get their turn */

struct side {
	struct splice *splice;
	int fd;
	struct loop_fd watch;
	uint8_t *wait; /* what it has not taken yet */
	size_t at, n;
	bool ended; /* it says no more */
};

struct splice {
	struct loop *loop;
	struct side side[2]; /* here, there */
	bool connecting, reached, over;
	struct loop_timer patience, end;
	splice_fn *ended;
	void *ctx;
};

static void
splice_free(void *ctx)
{
	struct splice *s = ctx;

	loop_timer_clear(&s->end);
	loop_timer_clear(&s->patience);
	for (int i = 0; i < 2; i++) {
		loop_del(&s->side[i].watch);
		if (s->side[i].fd >= 0)
			close(s->side[i].fd);
		free(s->side[i].wait);
	}
	s->ended(s->ctx, s->reached);
	free(s);
}

/* Not at once: an event of the other side may be on its way. */
static void
splice_end(struct splice *s)
{
	if (s->over)
		return;
	s->over = true;
	for (int i = 0; i < 2; i++)
		loop_del(&s->side[i].watch);
	loop_timer_set(s->loop, &s->end, 0, splice_free, s);
}

static void
unanswered(void *ctx)
{
	splice_end(ctx);
}

static void
watches_set(struct splice *s)
{
	for (int i = 0; i < 2 && !s->over; i++) {
		struct side *me	   = &s->side[i];
		struct side *other = &s->side[1 - i];
		bool out	   = me->n > 0 || (i == 1 && s->connecting);

		if (me->watch.loop)
			loop_mod(&me->watch,
				 (other->n == 0 && !s->connecting ? EPOLLIN : 0u) |
				     (out ? EPOLLOUT : 0u));
	}
}

/* What is left of bytes waits for room. */
static void
side_put(struct side *to, const uint8_t *p, size_t n)
{
	ssize_t sent = send(to->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		splice_end(to->splice);
		return;
	}
	p += sent > 0 ? sent : 0;
	n -= sent > 0 ? (size_t)sent : 0;
	if (n == 0)
		return;
	to->wait = malloc(n);
	ENSURE(to->wait != NULL);
	memcpy(to->wait, p, n);
	to->at = 0;
	to->n  = n;
}

static void
side_drain(struct side *to)
{
	ssize_t sent = send(to->fd, to->wait + to->at, to->n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		splice_end(to->splice);
		return;
	}
	to->at += sent > 0 ? (size_t)sent : 0;
	to->n -= sent > 0 ? (size_t)sent : 0;
	if (to->n > 0)
		return;
	free(to->wait);
	to->wait = NULL;
	if (to->splice->side[to == &to->splice->side[0]].ended)
		splice_end(to->splice);
}

static void
side_pump(struct side *from, struct side *to)
{
	static uint8_t room[ROOM];

	for (int i = 0; i < RUN && to->n == 0 && !from->splice->over; i++) {
		ssize_t n = recv(from->fd, room, sizeof room, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			splice_end(from->splice);
			return;
		}
		side_put(to, room, (size_t)n);
		if ((size_t)n < sizeof room)
			return;
	}
}

static void
connected(struct splice *s)
{
	int error   = 0;
	socklen_t n = sizeof error;

	if (getsockopt(s->side[1].fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0) {
		splice_end(s);
		return;
	}
	s->connecting = false;
	s->reached    = true;
	loop_timer_clear(&s->patience);
}

static void
side_event(void *ctx, uint32_t events)
{
	struct side *me	   = ctx;
	struct splice *s   = me->splice;
	struct side *other = &s->side[me == &s->side[0]];

	if (s->over)
		return;
	if (s->connecting && me == &s->side[1]) {
		connected(s);
	} else if (s->connecting) {
		splice_end(s); /* who came is gone already */
	} else {
		if (events & EPOLLOUT && me->n > 0)
			side_drain(me);
		if (events & EPOLLIN)
			side_pump(me, other);
		else if (events & (EPOLLHUP | EPOLLERR) && other->n == 0)
			splice_end(s);
		else if (events & (EPOLLHUP | EPOLLERR)) { /* its last words are on their way */
			me->ended = true;
			loop_del(&me->watch);
		}
	}
	watches_set(s);
}

/* A host that is gone is noticed, whatever is on its way. */
static void
tcp_set(int fd)
{
	const struct {
		int level, option, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },	   { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S },	   { IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },	   { IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MS },
	};

	for (size_t i = 0; i < NELEM(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].option, &options[i].value,
				 sizeof options[i].value);
}

/* On its way, or -1. */
static int
tcp_connect(const struct net_addr *a)
{
	struct sockaddr_in in4	= { .sin_family = AF_INET, .sin_port = htons(a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port) };
	bool is4		= a->family == 4;
	const void *addr	= is4 ? (const void *)&in4 : (const void *)&in6;
	int fd = socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(&in4.sin_addr, a->b, sizeof in4.sin_addr);
	memcpy(&in6.sin6_addr, a->b, sizeof in6.sin6_addr);
	if (fd < 0)
		return -1;
	tcp_set(fd);
	if (connect(fd, addr, is4 ? sizeof in4 : sizeof in6) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

struct splice *
splice_new(struct loop *loop, int here, const struct net_addr *addr, splice_fn *ended, void *ctx)
{
	int there	 = tcp_connect(addr);
	struct splice *s = xcalloc(1, sizeof *s);

	*s	   = (struct splice){ .loop = loop, .connecting = true, .ended = ended, .ctx = ctx };
	s->side[0] = (struct side){ .splice = s, .fd = here };
	s->side[1] = (struct side){ .splice = s, .fd = there };
	if (there < 0) {
		splice_end(s);
		return s;
	}
	loop_add(loop, &s->side[0].watch, here, 0, side_event, &s->side[0]);
	loop_add(loop, &s->side[1].watch, there, EPOLLOUT, side_event, &s->side[1]);
	loop_timer_set(loop, &s->patience, CONNECT_MS, unanswered, s);
	return s;
}
