/*
 * curve.c - lanes to other hosts: ROUTER and DEALER as ever, by CURVE (RFC
 * 26/CurveZMQ) from process to process.
 *
 * Every process makes a pair at its birth and tells the directory the public
 * half, which tells those that are to meet.  The DEALER is in no network: its
 * ipc:// socket is the relay's, who sees what the network sees.  A connection
 * that ends takes its link along, since messages may have been lost with it.
 *
 * Not for: who may come; that is zap.c.
 */
#include "ipc/internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

#define KEY_TEXT	40     /* Z85 of 32 bytes, RFC 32/Z85 */
#define BEAT_MS		2500   /* is the other host still there? */
#define BEAT_LOST_MS	10000  /* it is not */
#define HANDSHAKE_MS	10000
#define FRAME_MAX	((int64_t)MSG_DATA_MAX + IPC_BATCH_MAX) /* no honest one is larger */
#define EVENTS_LOST                                                                                \
	(ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |        \
	    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

bool
key_is_set(const struct key32 *k)
{
	static const struct key32 none;

	return memcmp(k, &none, sizeof none) != 0;
}

void
curve_birth(struct node *node)
{
	char public[KEY_TEXT + 1], secret[KEY_TEXT + 1];

	if (!zmq_has("curve"))
		return;	/* such a libzmq serves one host */
	ENSURE(zmq_curve_keypair(public, secret) == 0);
	ENSURE(zmq_z85_decode(node->public.b, public) && zmq_z85_decode(node->secret, secret));
	secret_wipe(secret, sizeof secret);
}

static void
set_int(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

static void
curve_common(struct node *node, void *sock)
{
	const int64_t largest = FRAME_MAX;

	ENSURE(zmq_setsockopt(sock, ZMQ_CURVE_SECRETKEY, node->secret, sizeof node->secret) == 0);
	ENSURE(zmq_setsockopt(sock, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0);
	set_int(sock, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	set_int(sock, ZMQ_HEARTBEAT_IVL, BEAT_MS);
	set_int(sock, ZMQ_HEARTBEAT_TIMEOUT, BEAT_LOST_MS);
}

/* A socket stays in the network where it was made: we need none. */
void
curve_listen(struct node *node)
{
	if (!key_is_set(&node->public))
		fatal("this libzmq has no CURVE");
	curve_common(node, node->router);
	node->strangers.port = "storage";
	strangers_watch(&node->strangers, node->loop, node->zmq, node->router);
	set_int(node->router, ZMQ_CURVE_SERVER, 1);
	set_int(node->router, ZMQ_USE_FD, node->conf.afar);
	if (zmq_bind(node->router, "tcp://127.0.0.1:0") != 0)
		fatal("cannot use the listener for other hosts: %s", zmq_strerror(errno));
}

void
curve_connect(struct link *l, void *sock)
{
	const struct node *node = l->node;

	curve_common(l->node, sock);
	set_int(sock, ZMQ_RECONNECT_IVL, -1);
	ENSURE(zmq_setsockopt(sock, ZMQ_CURVE_PUBLICKEY, node->public.b, sizeof node->public.b) == 0);
	ENSURE(zmq_setsockopt(sock, ZMQ_CURVE_SERVERKEY, l->key.b, sizeof l->key.b) == 0);
}

/* Any word of the monitor means the same. */
static void
monitor_woken(void *ctx, uint32_t events)
{
	struct link *l = ctx;
	bool lost      = false;
	char word[256];

	(void)events;
	while (zmq_recv(l->monitor, word, sizeof word, ZMQ_DONTWAIT) >= 0)
		lost = true;
	if (lost)
		link_lost(l);
}

void
curve_watch(struct link *l)
{
	static unsigned long long count;
	char name[64];
	int fd     = -1;
	size_t len = sizeof fd;

	/* Never twice: a name is free again only some time after its socket has been closed. */
	(void)snprintf(name, sizeof name, "inproc://end-%llu", ++count);
	l->monitor = zmq_socket(l->node->zmq, ZMQ_PAIR);
	ENSURE(l->monitor && zmq_socket_monitor(l->sock, name, EVENTS_LOST) == 0);
	ENSURE(zmq_connect(l->monitor, name) == 0);
	ENSURE(zmq_getsockopt(l->monitor, ZMQ_FD, &fd, &len) == 0);
	loop_add(l->node->loop, &l->monitor_watch, fd, EPOLLIN | EPOLLET, monitor_woken, l);
	/* Only who has looked in vain is woken; nothing has happened yet. */
	(void)zmq_recv(l->monitor, name, sizeof name, ZMQ_DONTWAIT);
}

void
curve_close(struct link *l)
{
	if (!l->monitor)
		return;
	loop_del(&l->monitor_watch);
	/* First, or libzmq's thread waits for ever for somebody to hear of the socket's end. */
	(void)zmq_socket_monitor(l->sock, NULL, 0);
	zmq_close(l->monitor);
	l->monitor = NULL;
}
