/*
 * bridgehead.c - a storage's end of the way to the front end: one connection,
 * for as long as it lasts.
 *
 *	bulkhead-broker bridgehead CHANNEL tcp://HOST:PORT KEYFILE [SERVERKEY]
 *
 * The outpost starts it with one end of a socket pair as CHANNEL and, once we
 * have said there that the front end has let us in, speaks on it as at
 * join.sock.  When the connection ends so do we, and the outpost tries again.
 */
#include "broker/bridge/bridgehead.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/bridge/carry.h"
#include "broker/broker.h"
#include "ipc/resolve.h"
#include "sandbox/sandbox.h"

#define OPEN_MS	     10000u /* to be let in */
#define BEAT_MS	     2000u
#define SILENCE_MS   10000u
#define HANDSHAKE_MS 8000
#define LAST_WORDS_MS 500
#define FRAME_MAX    ((int64_t)(CARRY_HEAD + FDPASS_DATAGRAM + CARRY_MEMORY))
#define MONITOR	     "inproc://bridgehead"
#define EVENTS                                                                                     \
	(ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |        \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

struct bridgehead {
	struct loop *loop;
	void *zmq, *sock, *monitor;
	int channel;
	struct loop_fd watch, monitor_watch;
	struct loop_poll poll;
	bool woken, open;
	struct carry carry;
	struct loop_timer beat, silence;
	struct resolve_target front;
};

/* ---- the end ---- */

static void
head_end(struct bridgehead *me, const char *why)
{
	log_warn("the way to the front end is closed: %s", why);
	loop_stop(me->loop, EXIT_REFUSED);
}

static void
carry_ended(void *ctx)
{
	struct bridgehead *me = ctx;

	head_end(me, me->carry.why);
}

static void
silent(void *ctx)
{
	struct bridgehead *me = ctx;

	head_end(me, me->open ? "it is silent" : "it does not answer");
}

/* ---- to the front end ---- */

static bool
head_send(void *ctx, struct span head, struct span memory)
{
	struct bridgehead *me = ctx;

	ENSURE(memory.n == 0); /* we have none to give */
	me->woken = true;
	return zmq_send(me->sock, head.p, head.n, ZMQ_DONTWAIT) >= 0;
}

static void
word_send(struct bridgehead *me, enum carry_kind kind)
{
	const struct carry_frame f = { .kind = kind };
	uint8_t room[CARRY_HEAD];
	struct wr w = wr_init(room, sizeof room);

	carry_write(&w, &f);
	if (!head_send(me, SPAN(room, w.pos), SPAN_NONE))
		head_end(me, "it does not read");
}

static void
beat(void *ctx)
{
	struct bridgehead *me = ctx;

	word_send(me, CARRY_BEAT);
	loop_timer_set(me->loop, &me->beat, BEAT_MS, beat, me);
}

/* ---- from the front end ---- */

/* The outpost waits for this byte before it asks to join. */
static void
opened(struct bridgehead *me)
{
	me->open = true;
	if (write(me->channel, "", 1) != 1)
		head_end(me, "nobody here waits for it");
	carry_begin(&me->carry, me->loop, true, me->channel, head_send, carry_ended, me);
	beat(me);
}

static void
frame_got(struct bridgehead *me, struct span s)
{
	struct carry_frame f;

	loop_timer_set(me->loop, &me->silence, SILENCE_MS, silent, me);
	if (nt_failed(carry_read(s, &f)))
		head_end(me, "it talks nonsense");
	else if (f.kind == CARRY_OPEN && !me->open)
		opened(me);
	else if (f.kind == CARRY_CLOSE && !me->open)
		head_end(me, "it has no room for us");
	else if (f.kind != CARRY_BEAT && (!me->open || nt_failed(carry_take(&me->carry, &f))))
		head_end(me, "it talks nonsense");
}

static bool
head_poll(void *ctx)
{
	struct bridgehead *me = ctx;
	zmq_msg_t m;

	if (!me->woken)
		return false;
	zmq_msg_init(&m);
	if (zmq_msg_recv(&m, me->sock, ZMQ_DONTWAIT) < 0)
		me->woken = false;
	else
		frame_got(me, SPAN(zmq_msg_data(&m), zmq_msg_size(&m)));
	zmq_msg_close(&m);
	return me->woken;
}

static void
head_woken(void *ctx, uint32_t events)
{
	struct bridgehead *me = ctx;

	(void)events;
	me->woken = true;
}

static void
monitor_woken(void *ctx, uint32_t events)
{
	struct bridgehead *me = ctx;
	uint8_t word[6];
	char address[256];
	uint16_t event = 0;

	(void)events;
	if (zmq_recv(me->monitor, word, sizeof word, ZMQ_DONTWAIT) != (int)sizeof word)
		return;
	(void)zmq_recv(me->monitor, address, sizeof address, ZMQ_DONTWAIT);
	memcpy(&event, word, sizeof event);
	head_end(me, event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? "it does not let this key in" :
		     event & (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) ?
		     "no handshake: it has another key, or is none" :
		     me->open ? "its connection has ended" : "nobody answers there, or it refuses us");
}

/* ---- birth ---- */

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

static void
sock_watch(struct bridgehead *me, void *sock, struct loop_fd *watch, loop_fd_fn *fn)
{
	int fd	   = -1;
	size_t len = sizeof fd;

	ENSURE(zmq_getsockopt(sock, ZMQ_FD, &fd, &len) == 0);
	loop_add(me->loop, watch, fd, EPOLLIN | EPOLLET, fn, me);
}

static void
sock_open(struct bridgehead *me, struct head_keys *k)
{
	const int64_t largest = FRAME_MAX;

	me->zmq	 = zmq_ctx_new();
	me->sock = zmq_socket(me->zmq, ZMQ_DEALER);
	ENSURE(me->sock != NULL);
	sock_set(me->sock, ZMQ_LINGER, LAST_WORDS_MS);
	sock_set(me->sock, ZMQ_RECONNECT_IVL, -1);
	sock_set(me->sock, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	ENSURE(zmq_setsockopt(me->sock, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0);
	if (zmq_setsockopt(me->sock, ZMQ_CURVE_SERVERKEY, k->server, KEY_TEXT + 1) != 0 ||
	    zmq_setsockopt(me->sock, ZMQ_CURVE_PUBLICKEY, k->public, KEY_TEXT + 1) != 0 ||
	    zmq_setsockopt(me->sock, ZMQ_CURVE_SECRETKEY, k->secret, KEY_TEXT + 1) != 0)
		fatal("no CURVE in this libzmq: %s", zmq_strerror(errno));
	secret_wipe(k, sizeof *k);
	me->monitor = zmq_socket(me->zmq, ZMQ_PAIR);
	ENSURE(me->monitor && zmq_socket_monitor(me->sock, MONITOR, EVENTS) == 0 &&
	       zmq_connect(me->monitor, MONITOR) == 0);
	sock_watch(me, me->monitor, &me->monitor_watch, monitor_woken);
	monitor_woken(me, 0); /* only who has looked in vain is woken */
	sock_watch(me, me->sock, &me->watch, head_woken);
	loop_on_poll(me->loop, &me->poll, head_poll, me);
}

static bool
word_number(const char *s, int *ret)
{
	char *end;
	long v = strtol(s, &end, 10);

	*ret = (int)v;
	return *s && !*end && v >= 0 && v < 1024;
}

/* ---- to the front end's address ---- */

static void
front_found(void *ctx, nt status, const struct net_addr *addr, size_t n)
{
	struct bridgehead *me = ctx;
	char endpoint[ADDR_TEXT + 6], text[ADDR_TEXT];
	struct net_addr a;

	if (nt_failed(status) || n == 0) {
		head_end(me, "its name has no address");
		return;
	}
	a      = addr[random_u64() % n]; /* one that is not there is not tried for ever */
	a.port = me->front.port;
	(void)snprintf(endpoint, sizeof endpoint, "tcp://%s", addr_print(&a, text));
	if (zmq_setsockopt(me->sock, ZMQ_IPV6, &(int){ a.family == 6 }, sizeof(int)) != 0 ||
	    zmq_connect(me->sock, endpoint) != 0) {
		head_end(me, zmq_strerror(errno));
		return;
	}
	word_send(me, CARRY_OPEN);
}

static bool
front_read(struct bridgehead *me, const char *endpoint)
{
	return strncmp(endpoint, "tcp://", 6) == 0 &&
	       !nt_failed(resolve_target(endpoint + 6, &me->front));
}

static void
front_find(struct bridgehead *me, struct resolver *resolver)
{
	struct net_addr literal;

	if (resolve_literal(me->front.host, &literal))
		front_found(me, STATUS_SUCCESS, &literal, 1);
	else if (nt_failed(resolve(resolver, 0, me->front.host, front_found, me)))
		head_end(me, "its name cannot be looked up");
}

int
bridgehead_main(int argc, char **argv)
{
	static struct bridgehead me;
	struct head_keys keys = { 0 };
	struct resolver *resolver;
	struct net_addr literal;
	struct sandbox box;
	bool names;
	int rc;

	log_open("bridgehead");
	if (argc < 5 || !word_number(argv[2], &me.channel) || !front_read(&me, argv[3])) {
		fprintf(stderr, "bulkhead-broker bridgehead is started by an outpost\n");
		return EXIT_USAGE;
	}
	if (!head_keys_read(argv[4], argc > 5 ? argv[5] : NULL, &keys))
		return EXIT_REFUSED;
	names = !resolve_literal(me.front.host, &literal);
	bridgehead_isolate(&box, names);
	me.loop	 = loop_new();
	resolver = names ? resolver_new(me.loop) : NULL;
	sock_open(&me, &keys);
	bridgehead_seal(&box, names);
	loop_timer_set(me.loop, &me.silence, OPEN_MS, silent, &me);
	front_find(&me, resolver);
	rc = loop_run(me.loop);
	(void)zmq_socket_monitor(me.sock, NULL, 0); /* nobody listens from here on */
	zmq_close(me.monitor);
	zmq_close(me.sock);
	(void)zmq_ctx_term(me.zmq); /* waits for what is still to be said */
	return rc;
}
