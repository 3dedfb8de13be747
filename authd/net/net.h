/*
 * net.h - reaches KDCs and domain controllers for those who reach no network.
 * It sees no listener, no share, no account; what it brings home is checked by
 * who asked.
 */
#ifndef AUTHD_NET_NET_H
#define AUTHD_NET_NET_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct net {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

extern const struct ipc_method net_methods[];
extern const size_t net_methods_n;

void net_isolate(struct net *, const struct birth *, char *links, size_t cap);
void net_seal(struct net *);

#endif
