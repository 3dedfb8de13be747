/*
 * bridge.h - the bridge: hosts that have come, and their frames (bridge_hosts.c);
 * the socket, the keys and the birth (bridge.c).
 */
#ifndef BROKER_BRIDGE_H
#define BROKER_BRIDGE_H

#include "broker/bridge/carry.h"
#include "broker/keys.h"
#include "ipc/node.h"
#include "ipc/strangers.h"

#define ROUTE_MAX 255

struct host {
	struct host *next;
	struct bridge *bridge;
	uint8_t route[ROUTE_MAX];
	size_t route_n;
	int connection; /* libzmq's descriptor: its end is told by that number */
	uint64_t key;
	struct carry carry;
	struct loop_timer silence;
};

struct bridge {
	struct loop *loop;
	struct node *node;
	struct keys keys;
	void *sock;
	struct strangers strangers;
	char listen[TEXT_BOUND + 1];
	struct loop_fd watch;
	struct loop_poll poll;
	bool woken;
	struct host *hosts;
	size_t n;
};

void host_end(struct host *, const char *why);
/* Everything that has come by the socket; true if there may be more: a loop_poll_fn. */
bool bridge_poll(void *bridge);

#endif
