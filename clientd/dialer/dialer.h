/*
 * dialer.h - resolves and connects, and passes the socket on.  It sees not a
 * byte of the connection.
 */
#ifndef CLIENTD_DIALER_DIALER_H
#define CLIENTD_DIALER_DIALER_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct dialer {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

extern const struct ipc_method dialer_methods[];
extern const size_t dialer_methods_n;

void dialer_isolate(struct dialer *, const struct birth *, char *links, size_t cap);
void dialer_seal(struct dialer *);

#endif
