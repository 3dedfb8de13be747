/*
 * lane_zmq.c - the ZeroMQ lanes: one ROUTER that others connect to, one DEALER
 * for each peer that we connect to.  Their sockets, and when to look at them;
 * what comes is in lane_zmq_recv.c, what goes in lane_zmq_send.c.
 */
#include "ipc/lane_zmq.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/fatal.h"

#define ZMQ_HWM 10000

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

static void *
sock_new(struct node *node, int type)
{
	void *sock     = zmq_socket(node->zmq, type);
	uint64_t first = 1;

	ENSURE(sock != NULL);
	sock_set(sock, ZMQ_LINGER, 0);
	sock_set(sock, ZMQ_SNDHWM, ZMQ_HWM);
	sock_set(sock, ZMQ_RCVHWM, ZMQ_HWM);
	ENSURE(zmq_setsockopt(sock, ZMQ_AFFINITY, &first, sizeof first) == 0);
	return sock;
}

static int
sock_fd(void *sock)
{
	int fd     = -1;
	size_t len = sizeof fd;

	ENSURE(zmq_getsockopt(sock, ZMQ_FD, &fd, &len) == 0);
	return fd;
}

/*
 * Wake-ups of edge-triggered sockets: the poll at the next tick does the work.
 * A send may swallow one, so it counts as a wake-up as well.
 */
static void
router_woken(void *ctx, uint32_t events)
{
	struct node *node = ctx;

	(void)events;
	node->router_woken = true;
}

static void
dealer_woken(void *ctx, uint32_t events)
{
	struct link *l = ctx;

	(void)events;
	l->woken = true;
}

/*
 * At the start of each tick.  True if anything came, or waits to leave at the
 * end of this tick: then it must not sleep, and there may be more.
 */
bool
zmq_lanes_poll(void *ctx)
{
	static struct batch b;	/* 32 KiB of frame heads; one at a time on this thread */
	struct node *node = ctx;
	bool came         = node->zap_woken && zap_poll(node);

	if (node->router_woken)
		came |= router_poll(node, &b);
	for (struct link *l = node->links; l; l = l->next) {
		if (l->woken && l->sock && l->state != LINK_DEAD)
			came |= dealer_poll(l, &b);
		if (l->ring && l->state != LINK_DEAD)
			came |= lane_ring_poll(l);
	}
	return came || node->dirty;
}

/* ---- the ROUTER ---- */

static void
router_new(struct node *node)
{
	node->router = sock_new(node, ZMQ_ROUTER);
	sock_set(node->router, ZMQ_ROUTER_MANDATORY, 1);
	ENSURE(zmq_setsockopt(node->router, ZMQ_ZAP_DOMAIN, "links", 5) == 0);
}

/*
 * The socket has its name only once it listens.  Whoever clears away the sockets of the dead knows them
 * by nobody listening; between bind() and listen() a newborn's would look the same, and without its
 * name nobody could ever connect.  In hexadecimal no path is longer than it will be.
 */
static void
router_bind(struct node *node)
{
	unsigned long long self = node->conf.self;
	const char *role	= peer_role_name(node->conf.role);
	char unborn[512], path[512];
	mode_t mask;
	bool bound;

	(void)snprintf(unborn, sizeof unborn, "ipc://%s/%s/.%llx", node->conf.links, role, self);
	(void)snprintf(path, sizeof path, "%s/%s/%llu", node->conf.links, role, self);
	/* Other uids connect: who is heard the ZAP handler decides, not the socket's mode. */
	mask  = umask(0);
	bound = zmq_bind(node->router, unborn) == 0;
	(void)umask(mask);
	if (!bound)
		fatal("cannot bind %s: %s", unborn, zmq_strerror(errno));
	if (rename(unborn + strlen("ipc://"), path) != 0)
		fatal("cannot name %s: %s", path, strerror(errno));
}

void
zmq_lanes_open(struct node *node)
{
	node->zmq = zmq_ctx_new();
	ENSURE(node->zmq != NULL);
	if (node->conf.io_threads > 0)
		ENSURE(zmq_ctx_set(node->zmq, ZMQ_IO_THREADS, node->conf.io_threads) == 0);
	zap_open(node);
	loop_on_poll(node->loop, &node->poll, zmq_lanes_poll, node);
	if (!node->conf.listens)
		return;
	router_new(node);
	if (node->conf.afar > 0)
		curve_listen(node);
	else
		router_bind(node);
	loop_add(node->loop, &node->router_watch, sock_fd(node->router), EPOLLIN | EPOLLET,
	    router_woken, node);
	node->router_woken = true;
}

void
zmq_lanes_close(struct node *node)
{
	loop_del(&node->router_watch);
	strangers_close(&node->strangers, node->router);
	if (node->router)
		zmq_close(node->router);
	zap_close(node);
	if (node->zmq)
		zmq_ctx_term(node->zmq);
}

/* ---- a DEALER ---- */

/* endpoint: "<role>/<peer id>" below links/. */
nt
dealer_open(struct link *l, const char *endpoint)
{
	char path[512], domain[40];

	REQUIRE(!strstr(endpoint, ".."), STATUS_INVALID_PARAMETER);
	snprintf(path, sizeof path, "ipc://%s/%s", l->node->conf.links, endpoint);
	snprintf(domain, sizeof domain, "to:%llu", (unsigned long long)l->peer);
	l->sock = sock_new(l->node, ZMQ_DEALER);
	l->lane = LANE_DEALER;
	ENSURE(zmq_setsockopt(l->sock, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0);
	if (key_is_set(&l->key)) {
		curve_connect(l, l->sock);
		curve_watch(l);
	}
	REQUIRE(zmq_connect(l->sock, path) == 0, STATUS_BAD_NETWORK_PATH);
	loop_add(l->node->loop, &l->watch, sock_fd(l->sock), EPOLLIN | EPOLLET, dealer_woken, l);
	l->woken = true;
	return STATUS_SUCCESS;
}

void
dealer_close(struct link *l)
{
	if (!l->sock)
		return;
	curve_close(l);
	loop_del(&l->watch);
	zmq_close(l->sock);
	l->sock = NULL;
}
