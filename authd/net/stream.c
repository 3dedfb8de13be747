/*
 * stream.c - see stream.h.
 */
#include "authd/net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"

#define READ_MAX 16384u

static socklen_t
sockaddr_make(const struct net_addr *a, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *v4	= (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof *ret);
	if (a->family == 6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port	= htons(a->port);
		memcpy(&v6->sin6_addr, a->b, sizeof v6->sin6_addr);
		return sizeof *v6;
	}
	v4->sin_family = AF_INET;
	v4->sin_port   = htons(a->port);
	memcpy(&v4->sin_addr, a->b, sizeof v4->sin_addr);
	return sizeof *v4;
}

int
socket_connect(const struct net_addr *a, int type)
{
	struct sockaddr_storage ss;
	socklen_t n = sockaddr_make(a, &ss);
	int one	    = 1;
	int fd =
	    socket(a->family == 6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&ss, n) != 0 && errno != EINPROGRESS) {
		int e = errno;

		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

void
stream_init(struct stream *s, struct loop *loop, stream_fn *fn, void *ctx)
{
	*s = (struct stream){ .loop = loop, .fd = -1, .fn = fn, .ctx = ctx };
}

void
stream_close(struct stream *s)
{
	if (s->fd < 0)
		return;
	loop_del(&s->watch);
	close(s->fd);
	s->fd = -1;
	s->up = false;
	secret_free(s->out, STREAM_OUT_MAX);
	s->out	    = NULL;
	s->out_from = s->out_n = 0;
}

static void
stream_fail(struct stream *s, int error)
{
	stream_close(s);
	s->error = error;
	s->fn(s->ctx, STREAM_DOWN, SPAN_NONE);
}

/* False if it failed and is closed. */
static bool
out_flush(struct stream *s)
{
	while (s->out_from < s->out_n) {
		ssize_t n = send(s->fd, s->out + s->out_from, s->out_n - s->out_from, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			stream_fail(s, errno);
			return false;
		}
		s->out_from += (size_t)n;
	}
	if (s->out_from == s->out_n)
		s->out_from = s->out_n = 0;
	loop_mod(&s->watch, s->out_n > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return true;
}

/* The connection stands, or not. */
static bool
up_check(struct stream *s)
{
	int error   = 0;
	socklen_t n = sizeof error;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		error = errno;
	if (error != 0) {
		stream_fail(s, error);
		return false;
	}
	s->up = true;
	s->fn(s->ctx, STREAM_UP, SPAN_NONE);
	return s->fd >= 0;
}

static void
on_event(void *ctx, uint32_t events)
{
	struct stream *s = ctx;
	uint8_t buf[READ_MAX];
	ssize_t n;

	if (!s->up && !up_check(s))
		return;
	if (events & EPOLLOUT && !out_flush(s))
		return;
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(s->fd, buf, sizeof buf, 0);
	if (n > 0)
		s->fn(s->ctx, STREAM_BYTES, SPAN(buf, (size_t)n));
	else if (n == 0)
		stream_fail(s, 0);
	else if (errno != EAGAIN && errno != EINTR)
		stream_fail(s, errno);
}

nt
stream_open(struct stream *s, const struct net_addr *addr)
{
	stream_close(s);
	s->error = 0;
	s->fd	 = socket_connect(addr, SOCK_STREAM);
	if (s->fd < 0) {
		s->error = errno;
		return STATUS_NETWORK_UNREACHABLE;
	}
	s->out = secret_alloc(STREAM_OUT_MAX);
	loop_add(s->loop, &s->watch, s->fd, EPOLLIN | EPOLLOUT, on_event, s);
	return STATUS_SUCCESS;
}

void
stream_send(struct stream *s, struct span bytes)
{
	if (s->fd < 0)
		return;
	if (bytes.n > STREAM_OUT_MAX - s->out_n) {
		(void)shutdown(s->fd, SHUT_RDWR); /* the end is heard from the loop, not in here */
		return;
	}
	if (bytes.n > 0)
		memcpy(s->out + s->out_n, bytes.p, bytes.n);
	s->out_n += bytes.n;
	if (s->up)
		loop_mod(&s->watch, EPOLLIN | EPOLLOUT); /* goes out with the next tick */
}
