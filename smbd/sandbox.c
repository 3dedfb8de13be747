/*
 * sandbox.c - what each role may ask of the kernel, beyond what every daemon
 * with ZeroMQ threads needs.  Neither may open, create or connect anything.
 */
#include "smbd/smbd.h"

static const struct sandbox_rule gate_rows[] = {
	ALLOW(accept4, "clients, on the inherited listeners"),
	ALLOW(getsockname, "on which of our addresses a client came"),
	ALLOW(setsockopt, "TCP_NODELAY on what was accepted"),
	ALLOW(recvfrom, "clients' bytes"),
	ALLOW(sendto, "answers to clients"),
	ALLOW(sendmsg, "the channels: a client's socket goes to its worker"),
	ALLOW(recvmsg, "the channels"),
	ALLOW(dup, "a socket that waits to be sent"),
};

static const struct sandbox_rule worker_rows[] = {
	ALLOW(getsockname, "is the socket we were given one of our address?"),
	ALLOW(getsockopt, "… and a connected TCP socket at that?"),
	ALLOW(getpeername, "… and to whom?"),
	ALLOW(recvfrom, "clients' bytes"),
	ALLOW(recvmsg, "clients' bytes straight into an arena; the channels"),
	ALLOW(sendmsg, "answers, many in one; the channels"),
	ALLOW(sendto, "answers"),
	ALLOW(shutdown, "the end of a connection that others may still hold"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap: a storage on another host"),
	ALLOW(munlock, "and lets go of them"),
};

const struct smbd_rules gate_rules   = { gate_rows, NELEM(gate_rows) };
const struct smbd_rules worker_rules = { worker_rows, NELEM(worker_rows) };
