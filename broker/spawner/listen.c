/*
 * listen.c - the listening sockets: made once, by the only process that may
 * have port 445, and inherited.  Their owners restart without losing a client.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/spawner/spawner.h"

#define BACKLOG	       1024
#define REMOTE_BACKLOG 128

/* sockaddr of addr; its length. */
static socklen_t
sockaddr_make(const struct net_addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in4	= { .sin_family = AF_INET, .sin_port = htons(a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port) };

	memset(ss, 0, sizeof *ss);
	if (a->family == 4) {
		memcpy(&in4.sin_addr, a->b, sizeof in4.sin_addr);
		memcpy(ss, &in4, sizeof in4);
		return sizeof in4;
	}
	memcpy(&in6.sin6_addr, a->b, sizeof in6.sin6_addr);
	memcpy(ss, &in6, sizeof in6);
	return sizeof in6;
}

/* -1 with errno. */
static int
listener_make(const struct net_addr *a, int backlog)
{
	struct sockaddr_storage ss;
	socklen_t n = sockaddr_make(a, &ss);
	int fd	    = activated_socket(a);
	int one	    = 1, err;

	if (fd >= 0)
		return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
				       fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ?
			       fd :
			       -1;
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (a->family == 6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&ss, n) == 0 && listen(fd, backlog) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* A machine without IPv6 listens on what it has. */
bool
listen_open(struct spawner *sp)
{
	char text[ADDR_TEXT];

	if (!supervise_ours(sp, ROW_GATE))
		return true; /* whoever starts the gate has them */
	if (!activated_all_wanted(sp))
		return false;
	for (size_t i = 0; i < sp->inst.n_listen; i++) {
		const struct net_addr *a = &sp->inst.listen[i];
		int fd			 = listener_make(a, BACKLOG);

		if (fd >= 0) {
			sp->listeners[sp->n_listeners++] = fd;
		} else if (errno == EAFNOSUPPORT && sp->inst.n_listen > 1) {
			log_warn("no such kind of address here addr=%s", addr_print(a, text));
		} else {
			fprintf(stderr, "bulkhead: cannot listen on %s: %s\n", addr_print(a, text),
				strerror(errno));
			return false;
		}
	}
	return sp->n_listeners > 0;
}

/* Or -1 after a message. */
static int
listener_for(const struct net_addr *a, const char *whom)
{
	char text[ADDR_TEXT];
	int fd = listener_make(a, REMOTE_BACKLOG);

	if (fd < 0)
		fprintf(stderr, "bulkhead: cannot listen for %s on %s: %s\n", whom,
			addr_print(a, text), strerror(errno));
	return fd;
}

/* Inherited by the api, which is in no network: a socket stays in that where it was made. */
bool
listen_remote(struct spawner *sp)
{
	for (size_t i = 0; i < sp->inst.n_api_listen; i++) {
		int fd = listener_for(&sp->inst.api_listen[i], "scripts");

		if (fd < 0)
			return false;
		sp->remote[sp->n_remote++] = fd;
	}
	return true;
}

bool
listen_storages(struct spawner *sp)
{
	for (size_t i = 0; i < sp->inst.n_storage_listen; i++) {
		int fd = listener_for(&sp->inst.storage_listen[i], "storages");

		if (fd < 0)
			return false;
		sp->bridges[sp->n_bridges++] = fd;
	}
	return true;
}

bool
listen_afar(struct spawner *sp)
{
	int fd = listener_for(&sp->post.listen, "the front end");

	sp->afar = fd > 0 ? fd : 0;
	return fd > 0;
}

/* A socket below the runtime directory, listening; -1 after a message. */
static int
local_listen(const struct spawner *sp, const char *name, int type, mode_t mode)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int n = snprintf(un.sun_path, sizeof un.sun_path, "%s/%s", sp->inst.runtime, name);
	int fd;

	if (n < 0 || (size_t)n >= sizeof un.sun_path) {
		fprintf(stderr,
			"bulkhead: the runtime directory's path is too long for a socket\n");
		return -1;
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(un.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof un) != 0 ||
	    chmod(un.sun_path, mode) != 0 || listen(fd, BACKLOG) != 0) {
		fprintf(stderr, "bulkhead: %s: %s\n", un.sun_path, strerror(errno));
		return -1;
	}
	return fd;
}

/*
 * Everybody may connect; who is heard is decided by the kernel's credentials (door.c, pass.c).
 * A client's instance is for who started it alone.
 */
bool
listen_door(struct spawner *sp)
{
	mode_t mode = sp->kind == KIND_CLIENT ? 0600 : 0666;

	sp->door = local_listen(sp, "broker.sock", SOCK_STREAM, mode);
	if (sp->door >= 0)
		sp->pass = local_listen(sp, "pass.sock", SOCK_SEQPACKET, mode);
	return sp->pass >= 0;
}

/* Whoever can read the key can also connect. */
bool
listen_join(struct spawner *sp)
{
	sp->join = local_listen(sp, "join.sock", SOCK_SEQPACKET, 0600);
	return sp->join >= 0;
}

static void
addr_tell(const struct net_addr *a)
{
	char text[ADDR_TEXT];

	printf("ready %s\n", addr_print(a, text));
}

/* With port 0 the kernel chose one: that is what is told. */
static void
listener_tell(int fd, const struct net_addr *a)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	socklen_t n	      = sizeof ss;
	struct net_addr bound = *a;

	if (getsockname(fd, (struct sockaddr *)&ss, &n) != 0)
		fatal("getsockname: %s", strerror(errno));
	memcpy(&in4, &ss, sizeof in4);
	memcpy(&in6, &ss, sizeof in6);
	bound.port = ntohs(ss.ss_family == AF_INET ? in4.sin_port : in6.sin6_port);
	addr_tell(&bound);
}

void
listen_tell(const struct spawner *sp)
{
	size_t fd = 0;

	if (sp->kind == KIND_CLIENT)
		printf("%s %s\n", tree_kind_name(sp->kind), sp->inst.runtime);
	else if (sp->kind == KIND_ACCOUNTS)
		puts(tree_kind_name(sp->kind));
	for (size_t i = 0; i < sp->inst.n_listen && fd < sp->n_listeners; i++)
		listener_tell(sp->listeners[fd++], &sp->inst.listen[i]);
	for (size_t i = 0; i < sp->inst.n_listen && !supervise_ours(sp, ROW_GATE); i++)
		addr_tell(&sp->inst.listen[i]);
	(void)fflush(stdout);
}
