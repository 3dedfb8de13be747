/*
 * api_remote.c - the scripting socket of another machine: TCP and CURVE.
 *
 * ZeroMQ tries for ever and says nothing, so its monitor is asked how the first
 * handshake went.
 */
#include <string.h>
#include <zmq.h>

#include "base/fatal.h"
#include "cli/api_private.h"
#include "cli/key_file.h"

#define PATIENCE     60
#define HANDSHAKE_MS 10000
#define BEAT_MS	     15000
#define MONITOR	     "inproc://handshake"
#define EVENTS                                                                                     \
	(ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |                               \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |                   \
	 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

static bool
dealer_open(struct api *a, const char *endpoint, const struct key_file *k)
{
	int none = 0, beat = BEAT_MS;

	a->context = zmq_ctx_new();
	a->socket  = a->context ? zmq_socket(a->context, ZMQ_DEALER) : NULL;
	return a->socket && zmq_setsockopt(a->socket, ZMQ_LINGER, &none, sizeof none) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_HEARTBEAT_IVL, &beat, sizeof beat) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_SERVERKEY, k->server, KEY_TEXT) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_PUBLICKEY, k->public, KEY_TEXT) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_SECRETKEY, k->secret, KEY_TEXT) == 0 &&
	       zmq_socket_monitor(a->socket, MONITOR, EVENTS) == 0 &&
	       zmq_connect(a->socket, endpoint) == 0;
}

static const char *
event_meaning(uint16_t event)
{
	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		return NULL;
	case ZMQ_EVENT_CONNECT_RETRIED:
		return "nobody accepts there";
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		return "the server does not let this key in";
	default:
		return "no handshake: this server has another key, or it is none";
	}
}

/* NULL: we are in. */
static const char *
handshake(struct api *a)
{
	void *m		 = zmq_socket(a->context, ZMQ_PAIR);
	int none	 = 0, patience = HANDSHAKE_MS;
	uint8_t head[6]	 = { 0 };
	const char *why	 = "nobody answers there";
	uint16_t event;

	if (m && zmq_setsockopt(m, ZMQ_LINGER, &none, sizeof none) == 0 &&
	    zmq_setsockopt(m, ZMQ_RCVTIMEO, &patience, sizeof patience) == 0 &&
	    zmq_connect(m, MONITOR) == 0 && zmq_recv(m, head, sizeof head, 0) == (int)sizeof head) {
		memcpy(&event, head, sizeof event);
		why = event_meaning(event);
	}
	(void)zmq_socket_monitor(a->socket, NULL, 0);
	if (m)
		(void)zmq_close(m);
	return why;
}

const char *
api_open_remote(const char *endpoint, const struct key_file *k, struct api **ret)
{
	struct api *a	= xcalloc(1, sizeof *a);
	const char *why = "not an address like tcp://HOST:PORT";

	a->patience = PATIENCE;
	if (strncmp(endpoint, "tcp://", 6) == 0 && dealer_open(a, endpoint, k))
		why = handshake(a);
	if (why)
		api_close(a);
	else
		*ret = a;
	return why;
}
