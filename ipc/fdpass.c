/*
 * fdpass.c - descriptors between processes; see fdpass.h.
 */
#include "ipc/fdpass.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
fds_take(struct fds *f)
{
	int fd;

	if (f->n == 0)
		return -1;
	fd = f->fd[0];
	f->n--;
	memmove(f->fd, f->fd + 1, f->n * sizeof f->fd[0]);
	return fd;
}

void
fds_close(struct fds *f)
{
	int fd;

	while ((fd = fds_take(f)) >= 0)
		close(fd);
}

static void
close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

nt
fdpass_pair(int ret[2])
{
	int size = (int)FDPASS_DATAGRAM * 2;
	int p[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, p) == 0,
	    STATUS_INSUFFICIENT_RESOURCES);
	for (int i = 0; i < 2; i++) {
		/* As root past the limit for others; else what the system grants. */
		if (setsockopt(p[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
			(void)setsockopt(p[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	}
	memcpy(ret, p, sizeof p);
	return STATUS_SUCCESS;
}

nt
fdpass_send(int sock, const struct iovec *iov, size_t n_iov, const int *fds, size_t n_fds)
{
	_Alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(sizeof(int) * FDPASS_MAX)] = { 0 };
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = n_iov };
	struct cmsghdr *c;

	REQUIRE(n_fds <= FDPASS_MAX, STATUS_INVALID_PARAMETER);
	if (n_fds > 0) {
		m.msg_control    = room;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c                = CMSG_FIRSTHDR(&m);
		c->cmsg_level    = SOL_SOCKET;
		c->cmsg_type     = SCM_RIGHTS;
		c->cmsg_len      = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	while (sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS)
			return STATUS_RETRY;
		return errno == EMSGSIZE ? STATUS_INVALID_PARAMETER : STATUS_PIPE_BROKEN;
	}
	return STATUS_SUCCESS;
}

/* All descriptors that came along, into fds; how many there were. */
static size_t
fds_collect(struct msghdr *m, int fds[FDPASS_MAX])
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t k;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		k = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < k; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (n < FDPASS_MAX)
				fds[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

nt
fdpass_recv(int sock, void *buf, size_t cap, size_t *ret_n, int fds[FDPASS_MAX], size_t *ret_fds)
{
	_Alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(sizeof(int) * FDPASS_MAX)];
	struct iovec iov = { buf, cap };
	struct msghdr m  = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
		 .msg_controllen = sizeof room };
	size_t n_fds;
	ssize_t n;

	do {
		n = recvmsg(sock, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? STATUS_RETRY : STATUS_PIPE_BROKEN;
	n_fds = fds_collect(&m, fds);
	if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		close_all(fds, n_fds);
		return STATUS_INVALID_PARAMETER;
	}
	if (n == 0) {		/* nobody sends empty datagrams: the end */
		close_all(fds, n_fds);
		return STATUS_PIPE_BROKEN;
	}
	*ret_n   = (size_t)n;
	*ret_fds = n_fds;
	return STATUS_SUCCESS;
}

static bool
addr_from_sock(const struct sockaddr_storage *ss, struct net_addr *ret)
{
	const void *p = ss;

	if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *in = p;

		*ret = (struct net_addr){ .family = 4, .port = ntohs(in->sin_port) };
		memcpy(ret->b, &in->sin_addr, 4);
		return true;
	}
	if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = p;

		*ret = (struct net_addr){ .family = 6, .port = ntohs(in6->sin6_port) };
		memcpy(ret->b, &in6->sin6_addr, 16);
		return true;
	}
	return false;
}

/* An IPv4 client of an IPv6 listener shows up as ::ffff:a.b.c.d: the any address covers it. */
static bool
addr_covers(const struct net_addr *listen, const struct net_addr *local)
{
	static const uint8_t any[16];

	if (listen->port != 0 && listen->port != local->port)
		return false;
	if (memcmp(listen->b, any, sizeof any) == 0)
		return listen->family == local->family;
	return listen->family == local->family && memcmp(listen->b, local->b, sizeof any) == 0;
}

bool
fdpass_is_tcp_on(int fd, const struct net_addr *listen, size_t n)
{
	struct sockaddr_storage ss = { 0 };
	struct tcp_info info       = { 0 };
	struct net_addr local;
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return false;	/* no TCP socket */
	if (info.tcpi_state == TCP_LISTEN || info.tcpi_state == TCP_SYN_SENT)
		return false;
	len = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0 || !addr_from_sock(&ss, &local))
		return false;
	for (size_t i = 0; i < n; i++)
		if (addr_covers(&listen[i], &local))
			return true;
	return false;
}
