/*
 * activate.c - listening sockets that a service manager has made for us.
 *
 * sd_listen_fds(3): LISTEN_PID names us, LISTEN_FDS counts descriptors from 3 on.
 * They are taken for the addresses that `listen` and `api listen` name and for no others, since
 * the workers accept connections of those only.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/spawner/spawner.h"

#define FIRST_FD 3

/* How many there are for us. */
static int
handed_over(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	char *end;
	long n;

	if (!pid || !fds || strtol(pid, &end, 10) != (long)getpid() || *end != '\0')
		return 0;
	n = strtol(fds, &end, 10);
	return n > 0 && n <= BIRTH_LISTENERS && *end == '\0' ? (int)n : 0;
}

static bool
listens_on(int fd, struct net_addr *ret)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	socklen_t n = sizeof ss, one = sizeof(int);
	int listening = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &one) != 0 || !listening ||
	    getsockname(fd, (struct sockaddr *)&ss, &n) != 0)
		return false;
	*ret = (struct net_addr){ 0 };
	if (ss.ss_family == AF_INET) {
		memcpy(&in4, &ss, sizeof in4);
		ret->family = 4;
		ret->port   = ntohs(in4.sin_port);
		memcpy(ret->b, &in4.sin_addr, sizeof in4.sin_addr);
	} else if (ss.ss_family == AF_INET6) {
		memcpy(&in6, &ss, sizeof in6);
		ret->family = 6;
		ret->port   = ntohs(in6.sin6_port);
		memcpy(ret->b, &in6.sin6_addr, sizeof in6.sin6_addr);
	}
	return ret->family != 0;
}

static bool
same_addr(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && a->port == b->port && memcmp(a->b, b->b, sizeof a->b) == 0;
}

int
activated_socket(const struct net_addr *wanted)
{
	for (int fd = FIRST_FD; fd < FIRST_FD + handed_over(); fd++) {
		struct net_addr is;

		if (listens_on(fd, &is) && same_addr(&is, wanted))
			return fd;
	}
	return -1;
}

bool
activated_all_wanted(const struct spawner *sp)
{
	char text[ADDR_TEXT];

	for (int fd = FIRST_FD; fd < FIRST_FD + handed_over(); fd++) {
		struct net_addr is;
		bool wanted = false;

		if (!listens_on(fd, &is)) {
			fprintf(stderr, "bulkhead: descriptor %d is no listening TCP socket\n", fd);
			return false;
		}
		for (size_t i = 0; i < sp->inst.n_listen; i++)
			wanted |= same_addr(&sp->inst.listen[i], &is);
		for (size_t i = 0; i < sp->inst.n_api_listen; i++)
			wanted |= same_addr(&sp->inst.api_listen[i], &is);
		for (size_t i = 0; i < sp->inst.n_storage_listen; i++)
			wanted |= same_addr(&sp->inst.storage_listen[i], &is);
		if (!wanted) {
			fprintf(stderr, "bulkhead: a socket for %s was handed over, which neither "
				"listen nor api listen names\n", addr_print(&is, text));
			return false;
		}
	}
	return true;
}
