/*
 * bridge.c - where storages of other hosts join: TCP, CURVE (RFC 26/CurveZMQ),
 * and only for who holds an authorised key of that role.
 *
 * For each host one end of a socket pair goes to the directory, which hears
 * there what it would hear at join.sock; carry.c does the rest.  A host that is
 * silent, closes its connection, loses its key or talks nonsense is cut; the
 * directory then sees its outpost's end.
 *
 * Not for: data of shares, which never pass here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/carry.h"
#include "broker/keys.h"
#include "ipc/birth.h"
#include "ipc/msg/bridge.msg.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

#define HOSTS_MAX    32u
#define HANDSHAKE_MS 10000
#define SILENCE_MS   10000u /* a storage says something every two seconds */
#define BRIDGE_IN    64	    /* frames of one host that wait for us */
#define BRIDGE_RUN   64
#define FRAME_MAX    ((int64_t)(CARRY_HEAD + FDPASS_DATAGRAM)) /* memory never comes this way */
#define ROUTE_MAX    255
#define MONITOR	     "inproc://bridge"

struct host {
	struct host *next;
	struct bridge *bridge;
	uint8_t route[ROUTE_MAX];
	size_t route_n;
	int connection; /* libzmq's descriptor: its end is told by that number */
	uint64_t key;
	struct carry carry;
	struct loop_timer silence;
};

struct bridge {
	struct loop *loop;
	struct node *node;
	struct keys keys;
	void *sock, *monitor;
	char listen[TEXT_BOUND + 1];
	struct loop_fd watch, monitor_watch;
	struct loop_poll poll;
	bool woken;
	struct host *hosts;
	size_t n;
};

/* ---- hosts ---- */

static const char *
host_name(const struct host *h)
{
	return keys_find(&h->bridge->keys, h->key)->name;
}

static bool
route_send(struct bridge *me, const struct host *h, struct span head, struct span memory)
{
	zmq_msg_t m;

	if (zmq_send(me->sock, h->route, h->route_n, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
		return false;
	ENSURE(zmq_msg_init_size(&m, head.n + memory.n) == 0);
	memcpy(zmq_msg_data(&m), head.p, head.n);
	if (memory.n > 0)
		memcpy((uint8_t *)zmq_msg_data(&m) + head.n, memory.p, memory.n);
	me->woken = true; /* a send may swallow a wake-up */
	if (zmq_msg_send(&m, me->sock, ZMQ_DONTWAIT) >= 0)
		return true;
	zmq_msg_close(&m);
	return false;
}

static bool
host_send(void *ctx, struct span head, struct span memory)
{
	struct host *h = ctx;

	return route_send(h->bridge, h, head, memory);
}

static bool
word_send(struct bridge *me, const struct host *h, enum carry_kind kind)
{
	const struct carry_frame f = { .kind = kind };
	uint8_t room[CARRY_HEAD];
	struct wr w = wr_init(room, sizeof room);

	carry_write(&w, &f);
	return route_send(me, h, SPAN(room, w.pos), SPAN_NONE);
}

static void
host_end(struct host *h, const char *why)
{
	struct bridge *me = h->bridge;
	struct host **at  = &me->hosts;

	log_warn("a storage's host is cut key=%s: %s", host_name(h), why);
	(void)word_send(me, h, CARRY_CLOSE);
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	me->n--;
	loop_timer_clear(&h->silence);
	carry_drop(&h->carry);
	free(h);
}

static void
host_silent(void *ctx)
{
	host_end(ctx, "it is silent");
}

static void
host_over(void *ctx)
{
	struct host *h = ctx;

	host_end(h, h->carry.why);
}

static void
afar_told(void *ctx, nt status, const struct dir_afar_rsp *rsp, struct span data)
{
	(void)ctx; /* a refusal closes the pair */
	(void)status;
	(void)rsp;
	(void)data;
}

static bool
host_announce(struct bridge *me, const struct host *h, int fd)
{
	const struct dir_afar_req req = { .host = str_of(host_name(h)) };
	const struct call_opt opt     = { .fd = fd, .has_fd = true };

	return node_directory(me->node) &&
	       !nt_failed(dir_afar_call(node_directory(me->node), &req, &opt, afar_told, NULL));
}

static void
host_begin(struct bridge *me, zmq_msg_t *route, uint64_t key, int connection)
{
	struct host *h = xcalloc(1, sizeof *h);
	int pair[2];

	*h = (struct host){ .next = me->hosts, .bridge = me, .connection = connection, .key = key,
			    .route_n = zmq_msg_size(route) };
	memcpy(h->route, zmq_msg_data(route), h->route_n);
	if (me->n >= HOSTS_MAX || nt_failed(fdpass_pair(pair))) {
		log_warn("no room for a storage's host key=%s", host_name(h));
		(void)word_send(me, h, CARRY_CLOSE);
		free(h);
		return;
	}
	me->hosts = h;
	me->n++;
	carry_begin(&h->carry, me->loop, false, pair[0], host_send, host_over, h);
	loop_timer_set(me->loop, &h->silence, SILENCE_MS, host_silent, h);
	log_info("a storage's host has come key=%s", host_name(h));
	if (!host_announce(me, h, pair[1]) || !word_send(me, h, CARRY_OPEN))
		host_end(h, "it cannot be announced");
	close(pair[1]);
}

static struct host *
host_find(struct bridge *me, zmq_msg_t *route)
{
	struct host *h = me->hosts;

	while (h && (h->route_n != zmq_msg_size(route) ||
		     memcmp(h->route, zmq_msg_data(route), h->route_n) != 0))
		h = h->next;
	return h;
}

/* ---- frames ---- */

static void
host_said(struct host *h, const struct carry_frame *f)
{
	loop_timer_set(h->bridge->loop, &h->silence, SILENCE_MS, host_silent, h);
	if (f->kind == CARRY_BEAT) {
		if (!word_send(h->bridge, h, CARRY_BEAT))
			host_end(h, "it does not read");
	} else if (f->kind == CARRY_OPEN || nt_failed(carry_take(&h->carry, f))) {
		host_end(h, "it talks nonsense");
	}
}

static void
frame_got(struct bridge *me, zmq_msg_t *route, zmq_msg_t *m, bool whole)
{
	const char *user    = zmq_msg_gets(route, "User-Id");
	uint64_t number	    = user ? strtoull(user, NULL, 10) : 0;
	struct host *h	    = host_find(me, route);
	const struct key *k = keys_find(&me->keys, number);
	struct carry_frame f;
	bool sense = whole && !nt_failed(carry_read(SPAN(zmq_msg_data(m), zmq_msg_size(m)), &f));

	if (!k || k->revoked || zmq_msg_size(route) > ROUTE_MAX)
		return;
	if (h && !sense)
		host_end(h, "it talks nonsense");
	else if (h)
		host_said(h, &f);
	else if (sense && f.kind == CARRY_OPEN)
		host_begin(me, route, number, zmq_msg_get(route, ZMQ_SRCFD));
}

/* Route and frame, and nothing behind. */
static bool
bridge_read_one(struct bridge *me)
{
	zmq_msg_t route, m, rest;
	bool whole;

	zmq_msg_init(&route);
	zmq_msg_init(&m);
	if (zmq_msg_recv(&route, me->sock, ZMQ_DONTWAIT) < 0)
		return false;
	whole = zmq_msg_more(&route) && zmq_msg_recv(&m, me->sock, 0) >= 0 && !zmq_msg_more(&m);
	for (bool more = zmq_msg_more(&route) && zmq_msg_more(&m); more; more = zmq_msg_more(&rest)) {
		zmq_msg_init(&rest);
		ENSURE(zmq_msg_recv(&rest, me->sock, 0) >= 0);
		zmq_msg_close(&rest);
	}
	frame_got(me, &route, &m, whole);
	zmq_msg_close(&route);
	zmq_msg_close(&m);
	return true;
}

static bool
bridge_poll(void *ctx)
{
	struct bridge *me = ctx;

	if (!me->woken)
		return false;
	for (int i = 0; i < BRIDGE_RUN; i++) {
		if (!bridge_read_one(me)) {
			me->woken = false;
			return i > 0;
		}
	}
	return true;
}

static void
bridge_woken(void *ctx, uint32_t events)
{
	struct bridge *me = ctx;

	(void)events;
	me->woken = true;
}

/* A connection has ended: event and descriptor, then the address. */
static void
monitor_woken(void *ctx, uint32_t events)
{
	struct bridge *me = ctx;
	uint8_t head[6];
	char address[256];
	int32_t fd;

	(void)events;
	while (zmq_recv(me->monitor, head, sizeof head, ZMQ_DONTWAIT) == (int)sizeof head) {
		struct host *h = me->hosts;

		(void)zmq_recv(me->monitor, address, sizeof address, ZMQ_DONTWAIT);
		memcpy(&fd, head + 2, sizeof fd);
		while (h && h->connection != fd)
			h = h->next;
		if (h)
			host_end(h, "its connection has ended");
	}
}

/* ---- keys ---- */

static bool
bridge_admit(void *ctx, uint32_t uid, uint32_t pid, struct span key, char *user_id)
{
	const struct bridge *me = ctx;
	const struct key *k = key.n == KEY_BYTES ? keys_find_public(&me->keys, key.p) : NULL;

	(void)uid;
	(void)pid;
	if (!k || k->revoked)
		return false;
	(void)snprintf(user_id, 64, "%llu", (unsigned long long)k->number);
	return true;
}

#define MSG_ME struct bridge
BRIDGE_MESSAGES(MSG_SERVE)

nt
bridge_key(struct bridge *me, struct call *c, const struct bridge_key_req *req,
	   struct bridge_key_rsp *rsp)
{
	struct host *h, *next;

	(void)c;
	rsp->server = str_of(me->keys.public);
	rsp->listen = str_of(me->listen);
	if (req->name.n == 0)
		return STATUS_SUCCESS;
	TRY(keys_learn(&me->keys, req->name.s, req->public.b, req->good));
	for (h = me->hosts; h; h = next) {
		next = h->next;
		if (keys_find(&me->keys, h->key)->revoked)
			host_end(h, "its key has been revoked");
	}
	return STATUS_SUCCESS;
}

static const struct ipc_method bridge_methods[] = { BRIDGE_MESSAGES(MSG_ROW) };

/* ---- birth ---- */

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

static void
sock_watch(struct bridge *me, void *sock, struct loop_fd *watch, loop_fd_fn *fn)
{
	int fd	   = -1;
	size_t len = sizeof fd;

	ENSURE(zmq_getsockopt(sock, ZMQ_FD, &fd, &len) == 0);
	loop_add(me->loop, watch, fd, EPOLLIN | EPOLLET, fn, me);
}

static void
sock_open(struct bridge *me)
{
	const int64_t largest = FRAME_MAX;

	me->sock = zmq_socket(node_zmq(me->node), ZMQ_ROUTER);
	ENSURE(me->sock != NULL);
	sock_set(me->sock, ZMQ_LINGER, 200);
	sock_set(me->sock, ZMQ_ROUTER_MANDATORY, 1);
	sock_set(me->sock, ZMQ_RCVHWM, BRIDGE_IN);
	sock_set(me->sock, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	ENSURE(zmq_setsockopt(me->sock, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0);
	ENSURE(zmq_setsockopt(me->sock, ZMQ_ZAP_DOMAIN, "storages", 8) == 0);
	sock_set(me->sock, ZMQ_CURVE_SERVER, 1);
	ENSURE(zmq_setsockopt(me->sock, ZMQ_CURVE_SECRETKEY, me->keys.secret, KEY_BYTES) == 0);
	me->monitor = zmq_socket(node_zmq(me->node), ZMQ_PAIR);
	ENSURE(me->monitor &&
	       zmq_socket_monitor(me->sock, MONITOR, ZMQ_EVENT_DISCONNECTED) == 0 &&
	       zmq_connect(me->monitor, MONITOR) == 0);
	sock_watch(me, me->monitor, &me->monitor_watch, monitor_woken);
	monitor_woken(me, 0); /* only who has looked in vain is woken */
	sock_watch(me, me->sock, &me->watch, bridge_woken);
	loop_on_poll(me->loop, &me->poll, bridge_poll, me);
}

static void
sock_bind(struct bridge *me, const struct birth *b)
{
	char endpoint[64];
	size_t used = 0;

	for (size_t i = 0; i < b->n_listeners; i++) {
		size_t n = sizeof endpoint;

		sock_set(me->sock, ZMQ_USE_FD, b->listeners[i]);
		if (zmq_bind(me->sock, "tcp://127.0.0.1:0") != 0 ||
		    zmq_getsockopt(me->sock, ZMQ_LAST_ENDPOINT, endpoint, &n) != 0)
			fatal("storages cannot be accepted: %s", zmq_strerror(errno));
		used += (size_t)snprintf(me->listen + used, sizeof me->listen - used, "%s%s",
					 i ? " " : "", endpoint);
		ENSURE(used < sizeof me->listen);
	}
	me->woken = true;
}

int
bridge_main(int argc, char **argv)
{
	static struct bridge me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = { .role	     = PEER_BRIDGE,
				  .links     = links,
				  .listens   = true,
				  .methods   = bridge_methods,
				  .n_methods = NELEM(bridge_methods),
				  .me	     = &me };
	struct sandbox box;
	struct birth b;

	birth_begin(&b, argc, argv, "bulkhead-broker", FROM(BRIDGE));
	ENSURE(b.n_listeners > 0 && b.state);
	keys_open_own(&me.keys, b.state); /* last use of privilege */
	me.loop = loop_new();
	(void)snprintf(links, sizeof links, "%s/links", bridge_isolate(&box, &b) ? "" : b.runtime);
	conf.loop    = me.loop;
	conf.self    = b.self;
	conf.channel = b.channel;
	me.node	     = node_new(&conf);
	sock_open(&me);
	node_on_admit(me.node, "storages", bridge_admit, &me);
	sock_bind(&me, &b);
	log_info("storages of other hosts come to %s server-key=%s", me.listen, me.keys.public);
	bridge_seal(&box);
	node_serve(me.node, sandbox_walls(&box));
	return loop_run(me.loop);
}
