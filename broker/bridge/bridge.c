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
#include "broker/bridge/bridge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "ipc/birth.h"
#include "ipc/msg/bridge.msg.h"
#include "sandbox/sandbox.h"

#define HANDSHAKE_MS 10000
#define BRIDGE_IN    64 /* frames of one host that wait for us */
#define FRAME_MAX    ((int64_t)(CARRY_HEAD + FDPASS_DATAGRAM)) /* memory never comes this way */

/* ---- wake-ups ---- */

static void
bridge_woken(void *ctx, uint32_t events)
{
	struct bridge *me = ctx;

	(void)events;
	me->woken = true;
}

static void
connection_over(void *ctx, int fd)
{
	struct bridge *me = ctx;
	struct host *h	  = me->hosts;

	while (h && h->connection != fd)
		h = h->next;
	if (h)
		host_end(h, "its connection has ended");
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
	me->strangers = (struct strangers){ .port = "storages", .ended = connection_over, .ctx = me };
	strangers_watch(&me->strangers, me->loop, node_zmq(me->node), me->sock);
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
