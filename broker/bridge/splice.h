/*
 * splice.h - two sockets made one: what comes from the one goes to the other,
 * unread, until either ends.
 */
#ifndef BROKER_SPLICE_H
#define BROKER_SPLICE_H

#include "base/loop.h"
#include "ipc/types.h"

struct splice;

/* reached: the other side had answered. */
typedef void splice_fn(void *ctx, bool reached);
/* here: connected.  addr: where to connect to.  ended is told once, afterwards it is freed. */
struct splice *splice_new(struct loop *, int here, const struct net_addr *addr, splice_fn *ended,
    void *ctx);

#endif
