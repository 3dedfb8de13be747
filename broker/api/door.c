/*
 * door.c - the scripting socket: frames in, requests out.
 *
 * Any local process may connect; who it is the kernel says (uid and pid, by
 * ZAP).  From other machines: remote.c.  Frames: "BH1", request id, method, JSON object, at most one binary
 * frame.  Nonsense gets an error.  The way out: answer.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api/api.h"

#define DOOR_RUN     16	 /* requests before others get their turn */
#define DOOR_HWM     256 /* answers that wait for one reader */
#define DOOR_IN      16	 /* requests of one connection that wait for us */
#define FRAME_MAX    MSG_DATA_MAX
#define REQUESTS_MAX 512
#define FRAMES_MAX   6 /* route, BH1, id, method, JSON, binary */

enum frame { FRAME_ROUTE, FRAME_MAGIC, FRAME_ID, FRAME_METHOD, FRAME_JSON, FRAME_BINARY };

struct frames {
	zmq_msg_t m[FRAMES_MAX];
	size_t n; /* how many came; m holds the first FRAMES_MAX */
};

/* ---- who ---- */

bool
uid_is_ours(const struct api *me, uint32_t uid)
{
	return me->uid_last > 0 && uid >= me->uid_first && uid <= me->uid_last;
}

bool
uid_is_known(const struct api *me, uint32_t uid)
{
	return me->uid_last > 0 || uid == me->owner_uid;
}

/* Everybody else in the tree comes with a uid of the range (as root) or a pid that is asked for. */
static bool
door_admit(void *ctx, uint32_t uid, uint32_t pid, struct span key, char *user_id)
{
	struct api *me = ctx;

	if (key.n > 0 || uid_is_ours(me, uid))
		return false;
	(void)snprintf(user_id, 64, "%u:%u:0:%llu", uid, pid,
		       (unsigned long long)++me->door.connections);
	return true;
}

static bool
user_of(zmq_msg_t *m, struct api_user *ret)
{
	const char *text = zmq_msg_gets(m, "User-Id");
	unsigned long long key, connection;

	if (!text ||
	    sscanf(text, "%u:%u:%llu:%llu", &ret->uid, &ret->pid, &key, &connection) != 4)
		return false;
	ret->key	= key;
	ret->connection = connection;
	return true;
}

/* ---- in ---- */

static struct span
frame(struct frames *f, enum frame which)
{
	if (which >= f->n || which >= FRAMES_MAX)
		return SPAN_NONE;
	return SPAN(zmq_msg_data(&f->m[which]), zmq_msg_size(&f->m[which]));
}

/* Passwords may have been in them. */
static void
frames_drop(struct frames *f)
{
	for (size_t i = 0; i < f->n && i < FRAMES_MAX; i++) {
		secret_wipe(zmq_msg_data(&f->m[i]), zmq_msg_size(&f->m[i]));
		(void)zmq_msg_close(&f->m[i]);
	}
}

static bool
frames_recv(void *sock, struct frames *f)
{
	zmq_msg_t extra;
	bool more;

	f->n = 0;
	do {
		zmq_msg_t *m = f->n < FRAMES_MAX ? &f->m[f->n] : &extra;

		zmq_msg_init(m);
		if (zmq_msg_recv(m, sock, ZMQ_DONTWAIT) < 0) {
			(void)zmq_msg_close(m);
			return false;
		}
		more = zmq_msg_more(m) != 0;
		if (m == &extra)
			(void)zmq_msg_close(m);
		f->n++;
	} while (more);
	return true;
}

static bool
span_copy(struct span s, void *dst, size_t cap, size_t *ret_n)
{
	if (s.n > cap)
		return false;
	if (s.n > 0)
		memcpy(dst, s.p, s.n);
	*ret_n = s.n;
	return true;
}

/* Fills what an answer needs first, so that complaints reach the asker. */
static const char *
request_read(struct request *rq, struct frames *f)
{
	struct span method = frame(f, FRAME_METHOD);
	struct span binary = frame(f, FRAME_BINARY);
	static char why[JSON_WHY];

	if (!span_copy(frame(f, FRAME_ID), rq->from.id, sizeof rq->from.id, &rq->from.id_n))
		return "the request id is longer than 64 bytes";
	if (!span_eq(frame(f, FRAME_MAGIC), SPAN_STR("BH1")))
		return "the first frame has to be BH1";
	if (f->n < FRAME_JSON + 1 || f->n > FRAMES_MAX)
		return "expected BH1, id, method, JSON and at most one binary frame";
	if (method.n >= sizeof rq->method_name || memchr(method.p, 0, method.n))
		return "no such method";
	memcpy(rq->method_name, method.p, method.n);
	rq->args = json_object_read(frame(f, FRAME_JSON), why);
	if (!rq->args)
		return why;
	if (f->n > FRAME_BINARY) {
		rq->binary   = xcalloc(binary.n + 1, 1);
		rq->binary_n = binary.n;
		if (binary.n > 0)
			memcpy(rq->binary, binary.p, binary.n);
	}
	return NULL;
}

static void
frames_take(struct door *d, struct frames *f)
{
	struct api *me	   = d->api;
	struct request *rq = xcalloc(1, sizeof *rq);
	const char *wrong;

	rq->api	      = me;
	rq->from.door = d;
	if (!span_copy(frame(f, FRAME_ROUTE), rq->from.route, sizeof rq->from.route,
		       &rq->from.route_n) ||
	    !user_of(&f->m[FRAME_ROUTE], &rq->user)) {
		free(rq);
		return;
	}
	if (rq->user.key != 0)
		remote_known(me, zmq_msg_get(&f->m[FRAME_ROUTE], ZMQ_SRCFD), &rq->user);
	rq->from.connection = rq->user.connection;
	rq->next	    = me->requests;
	me->requests	    = rq;
	me->n_requests++;
	wrong = request_read(rq, f);
	if (wrong)
		request_finish(rq, STATUS_INVALID_PARAMETER, wrong);
	else if (me->n_requests > REQUESTS_MAX)
		request_finish(rq, STATUS_INSUFFICIENT_RESOURCES, "too many requests at once");
	else
		request_arrived(rq);
}

static bool
door_poll(void *ctx)
{
	struct door *d = ctx;
	struct frames f;
	int i;

	if (!d->woken)
		return false;
	for (i = 0; i < DOOR_RUN && frames_recv(d->sock, &f); i++) {
		frames_take(d, &f);
		frames_drop(&f);
	}
	d->woken = i == DOOR_RUN;
	return i > 0;
}

/* ---- opening ---- */

static void
door_woken(void *ctx, uint32_t events)
{
	struct door *d = ctx;

	(void)events;
	d->woken = true;
}

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

void *
door_socket(struct api *me, struct door *d, const char *domain)
{
	int64_t largest = FRAME_MAX;
	uint64_t first	= 1;

	d->api	= me;
	d->sock = zmq_socket(node_zmq(me->node), ZMQ_ROUTER);
	ENSURE(d->sock != NULL);
	sock_set(d->sock, ZMQ_LINGER, 200);
	sock_set(d->sock, ZMQ_SNDHWM, DOOR_HWM);
	sock_set(d->sock, ZMQ_RCVHWM, DOOR_IN);
	sock_set(d->sock, ZMQ_ROUTER_MANDATORY, 1);
	ENSURE(zmq_setsockopt(d->sock, ZMQ_AFFINITY, &first, sizeof first) == 0);
	ENSURE(zmq_setsockopt(d->sock, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0);
	ENSURE(zmq_setsockopt(d->sock, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0);
	return d->sock;
}

void
door_watch(struct door *d)
{
	int fd	   = -1;
	size_t len = sizeof fd;

	ENSURE(zmq_getsockopt(d->sock, ZMQ_FD, &fd, &len) == 0);
	loop_add(d->api->loop, &d->watch, fd, EPOLLIN | EPOLLET, door_woken, d);
	loop_on_poll(d->api->loop, &d->poll, door_poll, d);
	d->woken = true;
}

/* The spawner has made and bound the socket: it outlives us, and its path is not ours to know. */
void
door_open(struct api *me, int listener)
{
	sock_set(door_socket(me, &me->door, "scripts"), ZMQ_USE_FD, listener);
	node_on_admit(me->node, "scripts", door_admit, me);
	if (zmq_bind(me->door.sock, "ipc:///broker.sock") != 0)
		fatal("the scripting socket: %s", zmq_strerror(errno));
	door_watch(&me->door);
}
