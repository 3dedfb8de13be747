/*
 * router.c - the ZeroMQ lanes: one ROUTER that others connect to, one DEALER
 * for each peer that we connect to.
 *
 * A message is a batch frame and the payload frames that its records announce.
 * On the ROUTER the sender is who our ZAP handler said it is (User-Id); the
 * routing id it chose is only where the answer goes.
 */
#include "ipc/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

#define ZMQ_RUN    64	/* messages of one socket before others get their turn */
#define ZMQ_HWM    10000
#define FRAMES_MAX 512	/* payload frames of one message */

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

/* ---- receiving ---- */

struct batch {
	zmq_msg_t head;
	zmq_msg_t frames[FRAMES_MAX];
	size_t n;
	size_t next;
};

/* False if the message has more frames than anybody honest sends. */
static bool
batch_recv(struct batch *b, void *sock)
{
	bool fits = true;

	b->n    = 0;
	b->next = 0;
	while (zmq_msg_more(b->n ? &b->frames[b->n - 1] : &b->head)) {
		zmq_msg_t *m = &b->frames[b->n];

		zmq_msg_init(m);
		ENSURE(zmq_msg_recv(m, sock, 0) >= 0);
		if (b->n + 1 < FRAMES_MAX) {
			b->n++;
			continue;
		}
		fits = false;	/* drain what is left, one at a time */
		while (zmq_msg_more(m))
			ENSURE(zmq_msg_recv(m, sock, 0) >= 0);
		zmq_msg_close(m);
		break;
	}
	return fits;
}

/* Passwords and session keys travel in heads; payload is files' content and listings. */
static void
batch_close(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		zmq_msg_close(&b->frames[i]);
	secret_wipe(zmq_msg_data(&b->head), zmq_msg_size(&b->head));
	zmq_msg_close(&b->head);
}

static void
batch_run(struct link *l, struct batch *b)
{
	struct rd r = rd_init(SPAN(zmq_msg_data(&b->head), zmq_msg_size(&b->head)));
	struct ipc_rec rec;

	while (l->state != LINK_DEAD && rd_left(&r) > 0) {
		if (nt_failed(rec_read(&r, &rec))) {
			link_nonsense(l, "a record that does not fit");
			return;
		}
		if (rec.data_n > 0) {
			zmq_msg_t *m = b->next < b->n ? &b->frames[b->next++] : NULL;

			if (!m || zmq_msg_size(m) != rec.data_n) {
				link_nonsense(l, "a payload frame that does not fit");
				return;
			}
			rec.data = SPAN(zmq_msg_data(m), zmq_msg_size(m));
		}
		dispatch(l, &rec, NULL);
	}
}

/*
 * Who the ZAP handler admitted, with where to answer.  What a connection had on its way when its
 * process made another is too late.
 */
static struct link *
router_peer(struct node *node, zmq_msg_t *rid)
{
	const char *user = zmq_msg_gets(rid, "User-Id");
	char *end        = NULL;
	struct link *l   = user ? node_find(node, strtoull(user, &end, 10)) : NULL;
	uint64_t number  = l && *end == ':' ? strtoull(end + 1, NULL, 10) : 0;

	if (!l || l->lane == LANE_CHANNEL || l->lane == LANE_DEALER)
		return NULL;
	if (zmq_msg_size(rid) > sizeof l->rid || number < l->connection)
		return NULL;
	l->lane       = LANE_ROUTER;
	l->connection = number;
	l->rid_n = zmq_msg_size(rid);
	memcpy(l->rid, zmq_msg_data(rid), l->rid_n);
	return l;
}

static bool
router_read_one(struct node *node, struct batch *b)
{
	struct link *l;
	zmq_msg_t rid;

	zmq_msg_init(&rid);
	if (zmq_msg_recv(&rid, node->router, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&rid);
		return false;
	}
	l = router_peer(node, &rid);
	zmq_msg_init(&b->head);
	if (zmq_msg_more(&rid))
		ENSURE(zmq_msg_recv(&b->head, node->router, 0) >= 0);
	if (!batch_recv(b, node->router) && l)
		link_nonsense(l, "too many payload frames");
	else if (l)
		batch_run(l, b);
	batch_close(b);
	zmq_msg_close(&rid);
	return true;
}

static bool
dealer_read_one(struct link *l, struct batch *b)
{
	zmq_msg_init(&b->head);
	if (zmq_msg_recv(&b->head, l->sock, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&b->head);
		return false;
	}
	if (!batch_recv(b, l->sock))
		link_nonsense(l, "too many payload frames");
	else
		batch_run(l, b);
	batch_close(b);
	return true;
}

static bool
router_poll(struct node *node, struct batch *b)
{
	for (int i = 0; i < ZMQ_RUN; i++)
		if (!router_read_one(node, b)) {
			node->router_woken = false;
			return i > 0;
		}
	return true;
}

static bool
dealer_poll(struct link *l, struct batch *b)
{
	for (int i = 0; i < ZMQ_RUN && l->state != LINK_DEAD; i++)
		if (!dealer_read_one(l, b)) {
			l->woken = false;
			return i > 0;
		}
	return true;
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

/* ---- sending ---- */

/* The frames now belong to libzmq. */
static void
frame_freed(void *data, void *hint)
{
	(void)data;
	free(hint);
}

static void
head_freed(void *data, void *hint)
{
	secret_wipe(data, (size_t)(uintptr_t)hint);
	free(data);
}

/* What this tick had for the peer leaves our buffer for one of libzmq's that is wiped as well. */
static bool
head_send(struct link *l, void *sock, int flags)
{
	uint8_t *copy = xcalloc(1, l->out_n);
	zmq_msg_t m;

	memcpy(copy, l->out, l->out_n);
	secret_wipe(l->out, l->out_n);
	ENSURE(zmq_msg_init_data(&m, copy, l->out_n, head_freed,
				 (void *)(uintptr_t)l->out_n) == 0);
	if (zmq_msg_send(&m, sock, ZMQ_DONTWAIT | flags) >= 0)
		return true;
	zmq_msg_close(&m);
	return false;
}

static bool
lane_send_head(struct link *l, int flags)
{
	void *sock = l->lane == LANE_ROUTER ? l->node->router : l->sock;

	if (l->lane == LANE_ROUTER &&
	    zmq_send(sock, l->rid, l->rid_n, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
		return false;
	return head_send(l, sock, flags);
}

static void
lane_send_frames(struct link *l)
{
	void *sock = l->lane == LANE_ROUTER ? l->node->router : l->sock;
	struct frame *f;

	while ((f = l->frames)) {
		zmq_msg_t m;

		l->frames = f->next;
		ENSURE(zmq_msg_init_data(&m, f->b, f->n, frame_freed, f) == 0);
		if (zmq_msg_send(&m, sock, ZMQ_DONTWAIT | (l->frames ? ZMQ_SNDMORE : 0)) < 0)
			zmq_msg_close(&m);
	}
	l->frames_last = &l->frames;
}

/* All that this tick has for the peer.  A peer that leaves 10,000 batches unread is cut off. */
void
zmq_lane_send(struct link *l)
{
	bool sent;

	if (l->lane == LANE_NONE) {	/* expected, but it has not greeted us yet */
		l->out_n = 0;
		return;
	}
	if (l->lane == LANE_ROUTER)
		l->node->router_woken = true;
	else
		l->woken = true;
	sent     = lane_send_head(l, l->frames ? ZMQ_SNDMORE : 0);
	l->out_n = 0;
	if (sent)
		lane_send_frames(l);
	else if (errno == EAGAIN && key_is_set(&l->key))
		link_lost(l);
	else if (errno == EAGAIN)
		link_condemn(l, "it does not read");
}

/* ---- opening and closing ---- */

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
	if (node->router)
		zmq_close(node->router);
	zap_close(node);
	if (node->zmq)
		zmq_ctx_term(node->zmq);
}

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
