/*
 * api_handshake.c - are we let in?  ZeroMQ tries for ever and says nothing, so its
 * monitor is asked how the first handshake went.
 */
#include <string.h>
#include <zmq.h>

#include "cli/api_private.h"

#define MONITOR "inproc://handshake"
#define EVENTS                                                                                     \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                         \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

bool
handshake_watch(struct api *a, int besides)
{
	return zmq_socket_monitor(a->socket, MONITOR, EVENTS | besides) == 0;
}

uint16_t
handshake_wait(struct api *a, int ms)
{
	void *m		= zmq_socket(a->context, ZMQ_PAIR);
	int none	= 0;
	uint8_t head[6] = { 0 };
	uint16_t event	= 0;

	if (m && zmq_setsockopt(m, ZMQ_LINGER, &none, sizeof none) == 0 &&
	    zmq_setsockopt(m, ZMQ_RCVTIMEO, &ms, sizeof ms) == 0 && zmq_connect(m, MONITOR) == 0 &&
	    zmq_recv(m, head, sizeof head, 0) == (int)sizeof head)
		memcpy(&event, head, sizeof event);
	(void)zmq_socket_monitor(a->socket, NULL, 0);
	if (m)
		(void)zmq_close(m);
	return event;
}
