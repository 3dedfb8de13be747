/*
 * sandbox.c - what net may ask of the kernel: IP sockets and what names need to
 * become addresses.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/net/net.h"
#include "base/fatal.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule net_rules[] = {
	ALLOW_IF(socket, 0, INT, AF_INET, "KDCs, controllers, name servers"),
	ALLOW_IF(socket, 0, INT, AF_INET6, "the same"),
};

/* What names need to become addresses; what is not there is not brought in. */
static const char *const net_paths[] = {
	"/etc",			/* resolv.conf, nsswitch.conf, hosts, gai.conf */
	"/run/systemd/resolve", /* where resolv.conf often points */
	"/run/resolvconf",	/* the same */
	"/run/NetworkManager",	/* the same */
};

static void
bind_links(struct sandbox *box, const char *runtime, const char *role, bool write, char *from,
	   char *to)
{
	ENSURE(snprintf(from, PATH_BOUND, "%s/links/%s", runtime, role) < (int)PATH_BOUND);
	ENSURE(snprintf(to, NAME_BOUND, "/links/%s", role) < (int)NAME_BOUND);
	sandbox_bind(box, from, to, write);
}

void
net_isolate(struct net *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "net" };
	char from[NELEM(roles)][PATH_BOUND], to[NELEM(roles)][NAME_BOUND];

	me->box = (struct sandbox){
		.who	 = "net",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
		.keep_net = true,
	};
	for (size_t i = 0; i < NELEM(roles); i++)
		bind_links(&me->box, b->runtime, roles[i], i == 0, from[i], to[i]);
	for (size_t i = 0; i < NELEM(net_paths); i++)
		if (access(net_paths[i], F_OK) == 0)
			sandbox_bind(&me->box, net_paths[i], net_paths[i], false);
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
