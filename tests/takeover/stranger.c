/*
 * stranger.c - somebody whom the directory did not introduce connects to a
 * link's socket.  Prints what libzmq says of the handshake: REFUSED (by our ZAP
 * handler), GOT-THROUGH, NO-SOCKET or NO-ANSWER.
 */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#define WAIT_MS 3000

static const char *
verdict(void *monitor)
{
	unsigned char event[6];
	unsigned short what;
	zmq_pollitem_t item = { monitor, 0, ZMQ_POLLIN, 0 };
	char where[256];

	while (zmq_poll(&item, 1, WAIT_MS) == 1) {
		if (zmq_recv(monitor, event, sizeof event, 0) != (int)sizeof event ||
		    zmq_recv(monitor, where, sizeof where, 0) < 0)
			return "NO-ANSWER";
		memcpy(&what, event, sizeof what);
		if (what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
			return "GOT-THROUGH";
		if (what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
			return "REFUSED";
		if (what == ZMQ_EVENT_CLOSED || what == ZMQ_EVENT_CONNECT_RETRIED)
			return "NO-SOCKET";
	}
	return "NO-ANSWER";
}

int
main(int argc, char **argv)
{
	void *ctx = zmq_ctx_new(), *sock, *monitor;
	char at[300];
	int zero = 0;

	if (argc != 2 || !ctx)
		return 2;
	sock    = zmq_socket(ctx, ZMQ_DEALER);
	monitor = zmq_socket(ctx, ZMQ_PAIR);
	(void)snprintf(at, sizeof at, "ipc://%s", argv[1]);
	if (zmq_setsockopt(sock, ZMQ_LINGER, &zero, sizeof zero) != 0 ||
	    zmq_socket_monitor(sock, "inproc://monitor", ZMQ_EVENT_ALL) != 0 ||
	    zmq_connect(monitor, "inproc://monitor") != 0 || zmq_connect(sock, at) != 0)
		return 2;
	puts(verdict(monitor));
	zmq_close(sock);
	zmq_close(monitor);
	return 0; /* the end of the process is the end of the context */
}
