/*
 * sandbox.c - what net may ask of the kernel: IP sockets that it connects.  It
 * listens nowhere and opens no file: what it needs of resolv.conf and hosts was
 * read before, and name servers are asked by its own code.
 */
#include <stdio.h>
#include <sys/socket.h>

#include "authd/net/net.h"
#include "base/fatal.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */
/* Its questions to KDCs and controllers, name servers, links. */
#define FILES_MAX 1024u

static const struct sandbox_rule net_rules[] = {
	ALLOW_IF(socket, 0, INT, AF_INET, "KDCs, controllers, name servers"),
	ALLOW_IF(socket, 0, INT, AF_INET6, "the same"),
};

void
net_isolate(struct net *me, const struct birth *b, char *links, size_t cap)
{
	char from[PATH_BOUND];

	me->box = (struct sandbox){
		.who	  = "net",
		.uid	  = b->uid,
		.gid	  = b->gid,
		.files	  = FILES_MAX,
		.require  = b->require_sandbox,
		.keep_net = true,
	};
	ENSURE(snprintf(from, sizeof from, "%s/links/net", b->runtime) < (int)sizeof from);
	sandbox_bind(&me->box, from, "/links/net", true);
	if (sandbox_isolate(&me->box))
		ENSURE(snprintf(links, cap, "/links") < (int)cap);
	else
		ENSURE(snprintf(links, cap, "%s/links", b->runtime) < (int)cap);
	me->box.n_binds = 0;
}

void
net_seal(struct net *me)
{
	sandbox_seal(&me->box, net_rules, NELEM(net_rules));
}
