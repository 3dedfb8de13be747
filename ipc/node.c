/*
 * node.c - the process among the others; see node.h.
 */
#include "ipc/internal.h"

#include <stdlib.h>

#include "base/fatal.h"

#define NODE_CALLS 65536u	/* requests of ours in flight, over all links */

static void
methods_index(const struct ipc_method *by_id[], const struct ipc_method *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ENSURE(m[i].desc->id < IPC_ID_MAX && !by_id[m[i].desc->id]);
		by_id[m[i].desc->id] = &m[i];
	}
}

/* Everything of this tick leaves now; then the dead are buried. */
static void
node_tick(void *ctx)
{
	struct node *node = ctx;

	link_flush_all(node);
	links_bury(node);
}

struct node *
node_new(const struct node_conf *conf)
{
	struct node *node = xcalloc(1, sizeof *node);

	node->conf  = *conf;
	node->loop  = conf->loop;
	node->phase = PHASE_START;
	node->calls = table_new(NODE_CALLS);
	methods_index(node->by_id, conf->methods, conf->n_methods);
	methods_index(node->intro_by_id, intro_methods, n_intro_methods);
	node->recv_room = xcalloc(1, FDPASS_DATAGRAM);
	if (conf->channel >= 0) {
		node->directory = link_new(node, 0, PEER_DIRECTORY, 0, 0);
		channel_open(node->directory, conf->channel);
		link_up(node->directory, false);
		curve_birth(node);
		zmq_lanes_open(node);
	}
	loop_on_tick(node->loop, &node->tick, node_tick, node);
	return node;
}

void
node_drop(struct node *node)
{
	struct pending *p;

	if (!node)
		return;
	loop_timer_clear(&node->doubt);
	link_flush_all(node);
	for (struct link *l = node->links; l; l = l->next)
		link_down(l);
	links_bury(node);
	zmq_lanes_close(node);
	while ((p = node->free_pending)) {
		node->free_pending = p->next;
		free(p);
	}
	table_drop(node->calls);
	free(node->recv_room);
	free(node);
}

void
node_set_phase(struct node *node, uint32_t phase)
{
	node->phase = phase;
}

struct link *
node_adopt(struct node *node, uint64_t peer, enum peer_role role, uint32_t uid, uint32_t pid, int fd)
{
	struct link *l = link_new(node, peer, role, uid, pid);

	channel_open(l, fd);
	link_up(l, false);
	return l;
}

void
node_set_taps(struct node *node, struct taps *taps)
{
	node->taps = taps;
}

struct taps *
call_taps(const struct call *c)
{
	return c->link->node->taps;
}

struct link *
node_directory(struct node *node)
{
	return node->directory;
}

struct link *
node_find(struct node *node, uint64_t peer)
{
	for (struct link *l = node->links; l; l = l->next)
		if (l->peer == peer && l->state != LINK_DEAD)
			return l;
	return NULL;
}

void
node_forget(struct node *node, uint64_t peer)
{
	struct link *l = node_find(node, peer);

	if (l)
		link_down(l);
}

struct link *
node_peer(struct node *node, enum peer_role role)
{
	for (struct link *l = node->links; l; l = l->next)
		if (l->role == role && l->state == LINK_UP)
			return l;
	return NULL;
}

struct link *
node_next(struct node *node, struct link *l)
{
	l = l ? l->next : node->links;
	while (l && l->state != LINK_UP)
		l = l->next;
	return l;
}
