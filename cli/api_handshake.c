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
handshake_begin(struct api *a, int ms)
{
	void *m		= zmq_socket(a->context, ZMQ_PAIR);
	int none	= 0;
	uint8_t head[6] = { 0 };
	uint16_t event	= 0;

	a->monitor = m;
	if (m && zmq_setsockopt(m, ZMQ_LINGER, &none, sizeof none) == 0 &&
	    zmq_setsockopt(m, ZMQ_RCVTIMEO, &ms, sizeof ms) == 0 && zmq_connect(m, MONITOR) == 0 &&
	    zmq_recv(m, head, sizeof head, 0) == (int)sizeof head)
		memcpy(&event, head, sizeof event);
	if (event)
		(void)zmq_recv(m, NULL, 0, 0);	/* the address */
	return event;
}

void
handshake_end(struct api *a)
{
	if (a->socket && a->monitor)
		(void)zmq_socket_monitor(a->socket, NULL, 0);
	if (a->monitor)
		(void)zmq_close(a->monitor);
	a->monitor = NULL;
}

uint16_t
handshake_wait(struct api *a, int ms)
{
	uint16_t event = handshake_begin(a, ms);

	handshake_end(a);
	return event;
}
