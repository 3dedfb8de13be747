/*
 * remote.c - the scripting socket for other machines: TCP, CURVE (RFC 26), and
 * only for who holds an authorised key.
 *
 * A stranger gets as far as libzmq's handshake, on a ZeroMQ thread of its own.
 * libzmq accepts without end, so its monitor tells us each connection's descriptor:
 * of too many strangers some are cut (visits.c).  Who has shown a key stays.
 *
 * Not for: who may do what.  Revocation is looked at with every request.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/api.h"

#define HANDSHAKE_MS	10000
#define BEAT_MS		15000  /* is the other machine still there */
#define BEAT_LOST_MS	45000
#define REMOTE_IN	4      /* requests of one connection that wait for us */
#define MONITOR		"inproc://remote"
#define EVENTS_REFUSED                                                                             \
	(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |              \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

/* ---- who ---- */

static bool
remote_admit(void *ctx, uint32_t uid, uint32_t pid, struct span key, char *user_id)
{
	struct api *me	    = ctx;
	const struct key *k = key.n == KEY_BYTES ? keys_find_public(&me->keys, key.p) : NULL;

	(void)pid;
	if (!k || k->revoked || k->role == KEY_STORAGE)
		return false;
	(void)snprintf(user_id, 64, "%u:0:%llu:%llu", uid, (unsigned long long)k->number,
		       (unsigned long long)++me->door.connections);
	return true;
}

/* ---- how many ---- */

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
visit_end(struct remote *r, int fd)
{
	struct visitor who;

	if (fd < 0 || !visitor_of(fd, &who))
		return;
	(void)shutdown(fd, SHUT_RDWR);
	if (r->cut++ == 0)
		log_warn("too many connections of other machines: strangers are cut");
}

static void
visit_began(struct remote *r, int fd)
{
	struct visitor who;

	r->connections++;
	if (visitor_of(fd, &who))
		visit_end(r, visits_came(&r->visits, fd, &who));
}

void
remote_known(struct api *me, int fd, const struct api_user *u)
{
	visit_end(&me->remote, visits_known(&me->remote.visits, fd, u->key));
}

/* Event and value, then the address; false: no more. */
static bool
event_read(struct remote *r)
{
	uint8_t head[6];
	uint16_t event;
	int32_t fd;
	char rest[256];

	if (zmq_recv(r->monitor, head, sizeof head, ZMQ_DONTWAIT) != (int)sizeof head)
		return false;
	(void)zmq_recv(r->monitor, rest, sizeof rest, ZMQ_DONTWAIT);
	memcpy(&event, head, sizeof event);
	memcpy(&fd, head + sizeof event, sizeof fd);
	if (event == ZMQ_EVENT_ACCEPTED) {
		visit_began(r, fd);
	} else if (event == ZMQ_EVENT_DISCONNECTED) {
		r->connections -= r->connections > 0;
		visits_left(&r->visits, fd);
	} else if (event & EVENTS_REFUSED) {
		r->refused++;
	}
	return true;
}

static bool
remote_poll(void *ctx)
{
	struct remote *r = ctx;

	if (!r->woken)
		return false;
	while (event_read(r))
		;
	r->woken = false;
	return true;
}

static void
remote_woken(void *ctx, uint32_t events)
{
	struct remote *r = ctx;

	(void)events;
	r->woken = true;
}

/* Its queue has no bound, so that libzmq's thread never waits for us while we wait for it. */
static void
monitor_open(struct api *me, struct remote *r)
{
	int fd = -1, none = 0;
	size_t len = sizeof fd;

	r->monitor = zmq_socket(node_zmq(me->node), ZMQ_PAIR);
	ENSURE(r->monitor != NULL);
	ENSURE(zmq_setsockopt(r->monitor, ZMQ_RCVHWM, &none, sizeof none) == 0);
	ENSURE(zmq_socket_monitor(r->door.sock, MONITOR,
				  ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | EVENTS_REFUSED) == 0);
	ENSURE(zmq_connect(r->monitor, MONITOR) == 0);
	ENSURE(zmq_getsockopt(r->monitor, ZMQ_FD, &fd, &len) == 0);
	loop_add(me->loop, &r->watch, fd, EPOLLIN | EPOLLET, remote_woken, r);
	loop_on_poll(me->loop, &r->poll, remote_poll, r);
	r->woken = true;
}

/* ---- opening ---- */

/* libzmq closes what it is given; ours stays. */
static void
listener_lend(struct remote *r, size_t i)
{
	int fd	 = fcntl(r->listeners[i], F_DUPFD_CLOEXEC, 3);
	size_t n = sizeof r->endpoints[i];

	if (fd < 0 || zmq_setsockopt(r->door.sock, ZMQ_USE_FD, &fd, sizeof fd) != 0 ||
	    zmq_bind(r->door.sock, "tcp://127.0.0.1:0") != 0 ||
	    zmq_getsockopt(r->door.sock, ZMQ_LAST_ENDPOINT, r->endpoints[i], &n) != 0)
		fatal("scripts of other machines cannot be accepted: %s", zmq_strerror(errno));
}

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

void
remote_open(struct api *me, const int *listeners, size_t n)
{
	struct remote *r = &me->remote;
	uint64_t second	 = 2;
	void *sock;

	if (n == 0 || me->keys.fd < 0)
		return;
	ENSURE(n <= NELEM(r->listeners));
	memcpy(r->listeners, listeners, n * sizeof *listeners);
	r->n = n;
	sock = door_socket(me, &r->door, "remote");
	ENSURE(zmq_setsockopt(sock, ZMQ_AFFINITY, &second, sizeof second) == 0);
	sock_set(sock, ZMQ_RCVHWM, REMOTE_IN);
	sock_set(sock, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	sock_set(sock, ZMQ_HEARTBEAT_IVL, BEAT_MS);
	sock_set(sock, ZMQ_HEARTBEAT_TIMEOUT, BEAT_LOST_MS);
	sock_set(sock, ZMQ_CURVE_SERVER, 1);
	ENSURE(zmq_setsockopt(sock, ZMQ_CURVE_SECRETKEY, me->keys.secret, KEY_BYTES) == 0);
	node_on_admit(me->node, "remote", remote_admit, me);
	monitor_open(me, r);
	for (size_t i = 0; i < n; i++)
		listener_lend(r, i);
	door_watch(&r->door);
}

json_t *
remote_json(const struct api *me)
{
	const struct remote *r = &me->remote;
	json_t *listen	       = json_array();

	for (size_t i = 0; i < r->n; i++)
		(void)json_array_append_new(listen, json_string(r->endpoints[i]));
	return json_pack("{s:o, s:s, s:I, s:I, s:I}", "listen", listen, "server_key",
			 me->keys.public, "connections", (json_int_t)r->connections, "refused",
			 (json_int_t)r->refused, "cut", (json_int_t)r->cut);
}
