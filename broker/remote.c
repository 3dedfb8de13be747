/*
 * remote.c - the scripting socket for other machines: TCP, CURVE (RFC 26), and
 * only for who holds an authorised key.
 *
 * A stranger gets as far as libzmq's handshake, on a ZeroMQ thread of its own.
 * libzmq accepts without end, so we count by its monitor: with too many
 * connections, or too many in a second, the listeners are let go of for a moment.
 * That ends the connections that are there; whoever means it comes again.
 *
 * Not for: who may do what.  Revocation is looked at with every request.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api.h"

#define CONNECTIONS_MAX 512u   /* of 4096 descriptors; local scripts have the rest */
#define ACCEPTS_MAX	2000u  /* in a second */
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

/* libzmq closes what it is given; ours stays. */
static bool
listener_lend(struct remote *r, size_t i)
{
	int fd	 = fcntl(r->listeners[i], F_DUPFD_CLOEXEC, 3);
	size_t n = sizeof r->endpoints[i];

	return fd >= 0 && zmq_setsockopt(r->door.sock, ZMQ_USE_FD, &fd, sizeof fd) == 0 &&
	       zmq_bind(r->door.sock, "tcp://127.0.0.1:0") == 0 &&
	       zmq_getsockopt(r->door.sock, ZMQ_LAST_ENDPOINT, r->endpoints[i], &n) == 0;
}

static void
remote_resume(struct remote *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (!listener_lend(r, i))
			fatal("scripts of other machines cannot be accepted: %s",
			      zmq_strerror(errno));
	}
	r->connections = 0; /* what was still told of those that the pause ended */
	r->open	       = true;
}

/* With its listener libzmq ends the connections that came by it, without a word of its monitor. */
static void
remote_pause(struct remote *r)
{
	for (size_t i = 0; i < r->n; i++)
		(void)zmq_unbind(r->door.sock, r->endpoints[i]);
	r->open = false;
	if (r->pauses++ == 0)
		log_warn("too many connections of other machines: all are ended, and may come again n=%u",
			 r->connections);
	r->connections = 0;
}

static void
remote_settle(void *ctx)
{
	struct remote *r = ctx;
	uint64_t now	 = loop_now(r->door.api->loop);
	bool may;

	if (now - r->second >= 1000000000u) {
		r->second   = now;
		r->accepted = 0;
	}
	may = r->connections < CONNECTIONS_MAX && r->accepted < ACCEPTS_MAX;
	if (r->open && !may)
		remote_pause(r);
	else if (!r->open && r->accepted < ACCEPTS_MAX)
		remote_resume(r);
	if (!r->open)
		loop_timer_set(r->door.api->loop, &r->again, 250, remote_settle, r);
}

/* Event and value, then the address; false: no more. */
static bool
event_read(struct remote *r)
{
	uint8_t head[6];
	uint16_t event;
	char rest[256];

	if (zmq_recv(r->monitor, head, sizeof head, ZMQ_DONTWAIT) != (int)sizeof head)
		return false;
	(void)zmq_recv(r->monitor, rest, sizeof rest, ZMQ_DONTWAIT);
	memcpy(&event, head, sizeof event);
	if (event == ZMQ_EVENT_ACCEPTED) {
		r->connections++;
		r->accepted++;
	} else if (event == ZMQ_EVENT_DISCONNECTED && r->connections > 0) {
		r->connections--;
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
	remote_settle(r);
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
	remote_resume(r);
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
			 (json_int_t)r->refused, "pauses", (json_int_t)r->pauses);
}
