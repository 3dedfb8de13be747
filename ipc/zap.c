/*
 * zap.c - who may connect: our ZAP handler, asked by libzmq for every
 * connection of this process's sockets (RFC 27/ZAP).
 *
 * Domain "links": somebody connects to our ROUTER; admitted if the directory
 * said to expect that uid and pid, or that key from another host, and known from
 * then on by its peer id.
 * Domain "to:ID": we connected; the process that listens must be the one we
 * were sent to.  Others: node_on_admit().
 */
#include "ipc/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"

#define REFUSALS_TOLD 20u	/* lines ... */
#define REFUSALS_NS   (10u * UINT64_C(1000000000)) /* ... in this time */

struct zap_req {
	char id[64];
	char domain[64];
	char address[128];
	char mechanism[16];
	uint8_t key[32];
	size_t key_n;
};

static void
zap_text(zmq_msg_t *m, char *dst, size_t cap)
{
	size_t n = zmq_msg_size(m);

	if (n >= cap)
		n = cap - 1;
	memcpy(dst, zmq_msg_data(m), n);
	dst[n] = '\0';
}

/* version, id, domain, address, identity, mechanism, credentials... */
static bool
zap_recv(void *sock, struct zap_req *ret)
{
	size_t n = 0;
	zmq_msg_t m;
	bool more;

	memset(ret, 0, sizeof *ret);
	do {
		zmq_msg_init(&m);
		if (zmq_msg_recv(&m, sock, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&m);
			return false;
		}
		if (n == 1)
			zap_text(&m, ret->id, sizeof ret->id);
		else if (n == 2)
			zap_text(&m, ret->domain, sizeof ret->domain);
		else if (n == 3)
			zap_text(&m, ret->address, sizeof ret->address);
		else if (n == 5)
			zap_text(&m, ret->mechanism, sizeof ret->mechanism);
		else if (n == 6 && zmq_msg_size(&m) == sizeof ret->key) {
			memcpy(ret->key, zmq_msg_data(&m), sizeof ret->key);
			ret->key_n = sizeof ret->key;
		}
		more = zmq_msg_more(&m);
		zmq_msg_close(&m);
		n++;
	} while (more);
	return true;
}

static void
zap_answer(void *sock, const struct zap_req *q, const char *user)
{
	const char *frames[] = { "1.0", q->id, user ? "200" : "400", user ? "OK" : "no", user ? user : "",
		"" };

	for (size_t i = 0; i < NELEM(frames); i++)
		if (zmq_send(sock, frames[i], strlen(frames[i]),
			ZMQ_DONTWAIT | (i + 1 < NELEM(frames) ? ZMQ_SNDMORE : 0)) < 0)
			return;
}

/* "host:uid:gid:pid", as libzmq writes it from SO_PEERCRED for ipc. */
static bool
address_ids(const char *address, uint32_t *ret_uid, uint32_t *ret_pid)
{
	unsigned uid, gid, pid;
	const char *colon = strchr(address, ':');
	int end           = 0;

	if (!colon || sscanf(colon, ":%u:%u:%u%n", &uid, &gid, &pid, &end) != 3 ||
	    colon[end] != '\0')
		return false;
	*ret_uid = uid;
	*ret_pid = pid;
	return true;
}

/* Told no pid, it is in another pid namespace, and its uid is its own (join.c of the broker sees to it). */
static bool
link_is(const struct link *l, uint32_t uid, uint32_t pid)
{
	return l->state != LINK_DEAD && !key_is_set(&l->key) && l->uid == uid &&
	    (l->pid == pid || l->pid == 0);
}

/* libzmq has seen the key proved before it asks us. */
static bool
link_holds(const struct link *l, const struct zap_req *q)
{
	return l->state != LINK_DEAD && key_is_set(&l->key) && q->key_n == sizeof l->key.b &&
	    memcmp(l->key.b, q->key, sizeof l->key.b) == 0;
}

static bool
admit_link(struct node *node, const struct zap_req *q, uint32_t uid, uint32_t pid, char *user)
{
	bool afar = strcmp(q->mechanism, "CURVE") == 0;
	struct link *l;

	if (strncmp(q->domain, "to:", 3) == 0) {
		l = node_find(node, strtoull(q->domain + 3, NULL, 10));
		return l && link_is(l, uid, pid) && snprintf(user, 64, "listener") > 0;
	}
	for (l = node->links; l; l = l->next)
		if (l->lane != LANE_CHANNEL && l->lane != LANE_DEALER &&
		    (afar ? link_holds(l, q) : link_is(l, uid, pid)))
			return snprintf(user, 64, "%llu:%llu", (unsigned long long)l->peer,
				   (unsigned long long)++node->connections) > 0;
	return false;
}

static bool
zap_admit(struct node *node, const struct zap_req *q, char *user)
{
	uint32_t uid = UINT32_MAX, pid = UINT32_MAX;
	bool local = address_ids(q->address, &uid, &pid);

	for (struct admit *a = node->admits; a; a = a->next)
		if (strcmp(a->domain, q->domain) == 0)
			return (local || q->key_n > 0) &&
			    a->fn(a->ctx, uid, pid, SPAN(q->key, q->key_n), user);
	return (local || q->key_n > 0) && admit_link(node, q, uid, pid, user);
}

/* A stranger may come as often as the network lets it; the log is not its to fill. */
static void
refusal_log(struct node *node, const struct zap_req *q)
{
	uint64_t now = loop_now(node->loop);

	if (now - node->refusals_since > REFUSALS_NS) {
		if (node->refusals > REFUSALS_TOLD)
			log_warn("refused more connections n=%u", node->refusals - REFUSALS_TOLD);
		node->refusals_since = now;
		node->refusals	     = 0;
	}
	if (node->refusals++ < REFUSALS_TOLD)
		log_warn("refused a connection domain=%s address=%s", log_qs(q->domain),
		    log_qs(q->address));
}

bool
zap_poll(struct node *node)
{
	struct zap_req q;

	for (int i = 0; i < 64; i++) {
		char user[64] = "";
		bool ok;

		if (!zap_recv(node->zap, &q)) {
			node->zap_woken = false;
			return i > 0;
		}
		ok = zap_admit(node, &q, user);
		if (!ok)
			refusal_log(node, &q);
		zap_answer(node->zap, &q, ok ? user : NULL);
	}
	return true;
}

static void
zap_woken(void *ctx, uint32_t events)
{
	struct node *node = ctx;

	(void)events;
	node->zap_woken = true;
}

void
zap_open(struct node *node)
{
	int fd     = -1;
	size_t len = sizeof fd;

	node->zap = zmq_socket(node->zmq, ZMQ_REP);
	ENSURE(node->zap && zmq_bind(node->zap, "inproc://zeromq.zap.01") == 0);
	ENSURE(zmq_getsockopt(node->zap, ZMQ_FD, &fd, &len) == 0);
	loop_add(node->loop, &node->zap_watch, fd, EPOLLIN | EPOLLET, zap_woken, node);
	node->zap_woken = true;
}

void
zap_close(struct node *node)
{
	struct admit *a;

	loop_del(&node->zap_watch);
	if (node->zap)
		zmq_close(node->zap);
	while ((a = node->admits)) {
		node->admits = a->next;
		free(a);
	}
}

void *
node_zmq(struct node *node)
{
	return node->zmq;
}

void
node_on_admit(struct node *node, const char *domain, node_admit_fn *fn, void *ctx)
{
	struct admit *a = xcalloc(1, sizeof *a);

	ENSURE(strlen(domain) < sizeof a->domain);
	memcpy(a->domain, domain, strlen(domain));
	a->fn        = fn;
	a->ctx       = ctx;
	a->next      = node->admits;
	node->admits = a;
}
