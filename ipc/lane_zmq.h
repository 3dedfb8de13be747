/*
 * lane_zmq.h - a message in hand; between lane_zmq.c and lane_zmq_recv.c.
 */
#ifndef IPC_LANE_ZMQ_H
#define IPC_LANE_ZMQ_H

#include <zmq.h>

#include "ipc/internal.h"

#define FRAMES_MAX 512	/* payload frames of one message */

struct batch {
	zmq_msg_t head;
	zmq_msg_t frames[FRAMES_MAX];
	size_t n;
	size_t next;
};

/* What has come to the ROUTER, or to this DEALER; b is for their use.  True: there may be more. */
bool router_poll(struct node *, struct batch *b);
bool dealer_poll(struct link *, struct batch *b);

#endif
