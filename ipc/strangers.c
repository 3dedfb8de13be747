/* strangers.c - see strangers.h. */
#include "ipc/strangers.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/nt.h"

#define EVENTS_REFUSED                                                                             \
	(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |              \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

/* False: it is none of ours, or gone already. */
static bool
visitor_of(int fd, struct visitor *ret)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n		   = sizeof ss;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (getpeername(fd, (struct sockaddr *)&ss, &n) != 0)
		return false;
	memset(ret, 0, sizeof *ret);
	if (ss.ss_family == AF_INET) {
		memcpy(&in, &ss, sizeof in);
		ret->w[2] = 0xffff;
		ret->w[3] = ntohl(in.sin_addr.s_addr);
	} else if (ss.ss_family == AF_INET6) {
		memcpy(&in6, &ss, sizeof in6);
		for (size_t i = 0; i < NELEM(ret->w); i++) {
			memcpy(&ret->w[i], in6.sin6_addr.s6_addr + 4 * i, sizeof ret->w[i]);
			ret->w[i] = ntohl(ret->w[i]);
		}
		if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
			ret->w[2] = ret->w[3] = 0;
	}
	return ss.ss_family == AF_INET || ss.ss_family == AF_INET6;
}

/* libzmq sees its end and lets go of it.  What is no TCP connection of another machine is never touched. */
static void
visit_end(struct strangers *t, int fd)
{
	struct visitor who;

	if (fd < 0 || !visitor_of(fd, &who))
		return;
	(void)shutdown(fd, SHUT_RDWR);
	if (t->cut++ == 0)
		log_warn("too many connections of other machines: strangers are cut port=%s", t->port);
}

static void
visit_began(struct strangers *t, int fd)
{
	struct visitor who;

	t->connections++;
	if (visitor_of(fd, &who))
		visit_end(t, visits_came(&t->visits, fd, &who));
}

static void
visit_over(struct strangers *t, int fd)
{
	t->connections -= t->connections > 0;
	visits_left(&t->visits, fd);
	if (t->ended)
		t->ended(t->ctx, fd);
}

void
strangers_known(struct strangers *t, int fd, uint64_t key)
{
	visit_end(t, visits_known(&t->visits, fd, key));
}

void
strangers_met(struct strangers *t, int fd)
{
	visits_left(&t->visits, fd);
}

/* Event and value, then the address; false: no more. */
static bool
event_read(struct strangers *t)
{
	uint8_t head[6];
	uint16_t event;
	int32_t fd;
	char rest[256];

	if (zmq_recv(t->monitor, head, sizeof head, ZMQ_DONTWAIT) != (int)sizeof head)
		return false;
	(void)zmq_recv(t->monitor, rest, sizeof rest, ZMQ_DONTWAIT);
	memcpy(&event, head, sizeof event);
	memcpy(&fd, head + sizeof event, sizeof fd);
	if (event == ZMQ_EVENT_ACCEPTED)
		visit_began(t, fd);
	else if (event == ZMQ_EVENT_DISCONNECTED)
		visit_over(t, fd);
	else if (event & EVENTS_REFUSED)
		t->refused++;
	return true;
}

static bool
strangers_poll(void *ctx)
{
	struct strangers *t = ctx;

	if (!t->woken)
		return false;
	while (event_read(t))
		;
	t->woken = false;
	return true;
}

static void
strangers_woken(void *ctx, uint32_t events)
{
	struct strangers *t = ctx;

	(void)events;
	t->woken = true;
}

/* The monitor's queue has no bound, so that libzmq's thread never waits for us while we wait for it. */
void
strangers_watch(struct strangers *t, struct loop *loop, void *zmq, void *sock)
{
	int fd = -1, none = 0;
	size_t len = sizeof fd;
	char name[64];

	(void)snprintf(name, sizeof name, "inproc://strangers-%s", t->port);
	t->monitor = zmq_socket(zmq, ZMQ_PAIR);
	ENSURE(t->monitor != NULL);
	ENSURE(zmq_setsockopt(t->monitor, ZMQ_RCVHWM, &none, sizeof none) == 0);
	ENSURE(zmq_socket_monitor(sock, name,
				  ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | EVENTS_REFUSED) == 0);
	ENSURE(zmq_connect(t->monitor, name) == 0);
	ENSURE(zmq_getsockopt(t->monitor, ZMQ_FD, &fd, &len) == 0);
	loop_add(loop, &t->watch, fd, EPOLLIN | EPOLLET, strangers_woken, t);
	loop_on_poll(loop, &t->poll, strangers_poll, t);
	t->woken = true;
}

/* First the monitor, or libzmq's thread waits for ever for somebody to hear of the socket's end. */
void
strangers_close(struct strangers *t, void *sock)
{
	if (!t->monitor)
		return;
	loop_del(&t->watch);
	t->woken = false;
	(void)zmq_socket_monitor(sock, NULL, 0);
	zmq_close(t->monitor);
	t->monitor = NULL;
}
