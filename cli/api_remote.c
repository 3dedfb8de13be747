/*
 * api_remote.c - the scripting socket of another machine: TCP and CURVE.
 *
 * ZeroMQ tries for ever and says nothing, so its monitor is asked how the first
 * handshake went, and later whether the connection has ended: it may come back, but
 * nobody knows then what became of what was asked.
 */
#include <string.h>
#include <zmq.h>

#include "base/fatal.h"
#include "cli/api_private.h"
#include "cli/key_file.h"

#define PATIENCE     60
#define HANDSHAKE_MS 10000
#define BEAT_MS	     15000
#define BEAT_LOST_MS 60000	/* large frames stand before an answer to a beat */

static bool
dealer_open(struct api *a, const char *endpoint, const struct key_file *k)
{
	int none = 0, beat = BEAT_MS, lost = BEAT_LOST_MS;

	a->context = zmq_ctx_new();
	a->socket  = a->context ? zmq_socket(a->context, ZMQ_DEALER) : NULL;
	return a->socket && zmq_setsockopt(a->socket, ZMQ_LINGER, &none, sizeof none) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_HEARTBEAT_IVL, &beat, sizeof beat) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_HEARTBEAT_TIMEOUT, &lost, sizeof lost) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_SERVERKEY, k->server, KEY_TEXT) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_PUBLICKEY, k->public, KEY_TEXT) == 0 &&
	       zmq_setsockopt(a->socket, ZMQ_CURVE_SECRETKEY, k->secret, KEY_TEXT) == 0 &&
	       handshake_watch(a, ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED) &&
	       zmq_connect(a->socket, endpoint) == 0;
}

/* NULL: we are in. */
static const char *
event_meaning(uint16_t event)
{
	switch (event) {
	case 0:
		return "nobody answers there";
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

const char *
api_open_remote(const char *endpoint, const struct key_file *k, struct api **ret)
{
	struct api *a	= xcalloc(1, sizeof *a);
	const char *why = "not an address like tcp://HOST:PORT";

	a->patience = PATIENCE;
	if (strncmp(endpoint, "tcp://", 6) == 0 && dealer_open(a, endpoint, k))
		why = event_meaning(handshake_begin(a, HANDSHAKE_MS));
	if (why)
		api_close(a);
	else
		*ret = a;
	return why;
}
