/*
 * resolve.h - names to addresses by getaddrinfo(3), on a few threads of its own
 * because it blocks for as long as name servers please.
 */
#ifndef IPC_RESOLVE_H
#define IPC_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "base/nt.h"
#include "ipc/types.h"

#define RESOLVE_MAX	 8u	/* addresses of one name that are tried */
#define RESOLVE_THREADS  8u
#define RESOLVE_PER_PEER 4u	/* threads that one session process can hold up */

/* A server as people write it: "name:port", "192.0.2.1:445", "[2001:db8::1]:445". */
struct resolve_target {
	char host[NAME_BOUND + 1];
	uint16_t port;
};
nt resolve_target(const char *text, struct resolve_target *ret) MUST_USE;

struct resolver;

/* addr: without port.  n is 0 when status failed. */
typedef void resolve_fn(void *ctx, nt status, const struct net_addr *addr, size_t n);

/* Starts the threads: behind sandbox_isolate(), before sandbox_seal(). */
struct resolver *resolver_new(struct loop *);
/* fn is called once on the loop, unless forgotten.  host is copied. */
nt resolve(struct resolver *, uint64_t peer, const char *host, resolve_fn *, void *ctx) MUST_USE;
void resolve_forget(struct resolver *, const void *ctx);
/* A literal address, no name: true, and no thread was asked. */
bool resolve_literal(const char *host, struct net_addr *ret) MUST_USE;

#endif
