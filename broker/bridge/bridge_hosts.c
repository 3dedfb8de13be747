/*
 * bridge_hosts.c - the hosts that have come to the bridge: what they say goes
 * to the directory, each by a socket pair of its own; see bridge.c.
 */
#include "broker/bridge/bridge.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/msg/dir.msg.h"

#define HOSTS_MAX  32u
#define SILENCE_MS 10000u /* a storage says something every two seconds */
#define BRIDGE_RUN 64

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

void
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
	strangers_met(&me->strangers, zmq_msg_get(route, ZMQ_SRCFD));
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

bool
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
