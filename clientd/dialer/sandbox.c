/*
 * sandbox.c - what the dialer may ask of the kernel: IP sockets and what names
 * need to become addresses.  The modules of NSS were loaded before; /etc is
 * there as a whole, because its files are replaced by renaming.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clientd/dialer/dialer.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule dialer_rules[] = {
	ALLOW_IF(socket, 0, INT, AF_INET, "servers, name servers"),
	ALLOW_IF(socket, 0, INT, AF_INET6, "the same"),
	ALLOW_IF(socket, 0, INT, AF_NETLINK, "which addresses have we, for the order of [RFC6724]"),
	ALLOW(bind, "the netlink socket"),
	ALLOW(dup, "a connected socket waiting for a full channel"),
	ALLOW_IF(fcntl, 1, INT, F_DUPFD_CLOEXEC, "the same"),
	ALLOW(openat, "resolv.conf, hosts, nsswitch.conf, gai.conf, services"),
	ALLOW(newfstatat, "has one of them changed, and its size"),
	ALLOW(statx, "the same"),
	ALLOW(lseek, "reading hosts again from its start"),
	ALLOW(sendmmsg, "two questions to a name server in one"),
	ALLOW(uname, "the resolver asks for our own domain"),
	ALLOW_IF(ioctl, 1, INT, FIONREAD, "how long is a name server's answer"),
	ALLOW(access, "is there a daemon's socket"),
};

/* What names need to become addresses; what is not there is not brought in. */
static const char *const dialer_paths[] = {
	"/etc",			/* resolv.conf, nsswitch.conf, hosts, gai.conf */
	"/run/systemd/resolve", /* where resolv.conf often points */
	"/run/resolvconf",	/* the same */
	"/run/NetworkManager",	/* the same */
};

void
dialer_isolate(struct dialer *me, const struct birth *b, char *links, size_t cap)
{
	me->box = (struct sandbox){
		.who	 = "dialer",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
		.keep_net = true,
		.files	 = DIAL_FILES,
	};
	for (size_t i = 0; i < NELEM(dialer_paths); i++)
		if (access(dialer_paths[i], F_OK) == 0)
			sandbox_bind(&me->box, dialer_paths[i], dialer_paths[i], false);
	sandbox_isolate_links(&me->box, b->runtime, NULL, 0, false, links, cap);
}

void
dialer_seal(struct dialer *me)
{
	sandbox_seal(&me->box, dialer_rules, NELEM(dialer_rules));
}
