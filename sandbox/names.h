/*
 * names.h - what a role with a network needs besides to turn names into addresses by
 * getaddrinfo(3) (ipc/resolve.h).
 */
#ifndef SANDBOX_NAMES_H
#define SANDBOX_NAMES_H

#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sandbox/sandbox.h"

/* Rows of a table of rules.  Only IP and the kernel's own list of addresses can be reached. */
#define SANDBOX_NAMES                                                                               \
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET, "servers, name servers"),                         \
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET6, "the same"),                                     \
	ALLOW_IF(socket, 0, 0xffffffffu, AF_NETLINK, "our addresses, for the order of [RFC6724]"),  \
	ALLOW(bind, "the netlink socket"),                                                          \
	ALLOW(openat, "resolv.conf, hosts, nsswitch.conf, gai.conf, services"),                     \
	ALLOW(newfstatat, "has one of them changed, and its size"),                                 \
	ALLOW(statx, "the same"),                                                                   \
	ALLOW(lseek, "reading hosts again from its start"),                                         \
	ALLOW(sendmmsg, "two questions to a name server in one"),                                   \
	ALLOW(uname, "the resolver asks for our own domain"),                                       \
	ALLOW_IF(ioctl, 1, 0xffffffffu, FIONREAD, "how long is a name server's answer"),            \
	ALLOW(access, "is there a daemon's socket")

/* Before sandbox_isolate().  /etc as a whole, because its files are replaced by renaming. */
void sandbox_bind_names(struct sandbox *);

#endif
