/*
 * sandbox.c - what net may ask of the kernel: IP sockets that it connects.  It
 * listens nowhere and opens no file: what it needs of resolv.conf and hosts was
 * read before, and name servers are asked by its own code.
 */
#include <sys/socket.h>

#include "authd/net/net.h"

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
	static const char *const roles[] = { "net" };

	me->box = (struct sandbox){
		.who	  = "net",
		.uid	  = b->uid,
		.gid	  = b->gid,
		.files	  = FILES_MAX,
		.require  = b->require_sandbox,
		.keep_net = true,
	};
	sandbox_isolate_links(&me->box, b->runtime, roles, NELEM(roles), true, links, cap);
}

void
net_seal(struct net *me)
{
	sandbox_seal(&me->box, net_rules, NELEM(net_rules));
}
