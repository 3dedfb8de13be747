/*
 * lane_zmq_send.c - what goes over ZeroMQ: all that a tick has for a peer, in one
 * message.
 */
#include "ipc/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/secret.h"

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

/*
 * All that this tick has for the peer, or nothing of it: no payload stays behind for the next message.
 * A peer that leaves 10,000 batches unread is cut off.
 */
void
zmq_lane_send(struct link *l)
{
	bool sent, full;

	if (l->lane == LANE_NONE) {	/* expected, but it has not greeted us yet */
		l->out_n = 0;
		frames_drop(l);
		return;
	}
	if (l->lane == LANE_ROUTER)
		l->node->router_woken = true;
	else
		l->woken = true;
	sent     = lane_send_head(l, l->frames ? ZMQ_SNDMORE : 0);
	l->out_n = 0;
	if (sent) {
		lane_send_frames(l);
		return;
	}
	full = errno == EAGAIN;
	frames_drop(l);
	if (full && key_is_set(&l->key))
		link_lost(l);
	else if (full)
		link_condemn(l, "it does not read");
}
