/*
 * carry.c - the streams of one connection between two hosts, and what this host's
 * processes say on them; see carry.h.  What comes from the other host is in
 * carry_take.c.
 */
#include "broker/bridge/carry_inner.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"

#define CARRY_RUN 32 /* datagrams read before other descriptors get their turn */

/* ---- streams ---- */

struct stream *
stream_find(const struct carry *c, uint32_t id)
{
	struct stream *s = c->streams;

	while (s && s->id != id)
		s = s->next;
	return s;
}

static void
parcel_drop(struct stream *s)
{
	struct parcel *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = &s->first;
	s->carry->queued -= p->n;
	fds_close(&p->fds);
	free(p);
}

void
stream_drop(struct stream *s)
{
	struct stream **at = &s->carry->streams;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->carry->n--;
	while (s->first)
		parcel_drop(s);
	loop_del(&s->watch);
	close(s->fd);
	free(s);
}

static void
carry_over(void *ctx)
{
	struct carry *c = ctx;

	loop_timer_clear(&c->end);
	c->ended(c->ctx);
}

void
carry_fail(struct carry *c, const char *why)
{
	if (!c->why)
		c->why = why;
	loop_timer_set(c->loop, &c->end, 0, carry_over, c);
}

/* ---- from here to the other host ---- */

static bool
frame_send(struct carry *c, const struct carry_frame *f)
{
	static uint8_t room[CARRY_HEAD + FDPASS_DATAGRAM];
	struct wr w = wr_init(room, sizeof room);

	carry_write(&w, f);
	ENSURE(wr_ok(&w));
	if (c->send(c->ctx, SPAN(room, w.pos), f->memory))
		return true;
	carry_fail(c, "the other host does not read");
	return false;
}

static bool
is_socket(int fd)
{
	int domain = 0, type = 0;
	socklen_t n = sizeof domain;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && domain == AF_UNIX &&
	       type == SOCK_SEQPACKET;
}

static bool
memory_map(int fd, struct span *ret)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *mem;

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) != 0 ||
	    (uint64_t)st.st_size > CARRY_MEMORY)
		return false;
	*ret = SPAN_NONE;
	if (st.st_size == 0)
		return true;
	mem = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mem == MAP_FAILED)
		return false;
	*ret = SPAN(mem, (size_t)st.st_size);
	return true;
}

/* The one descriptor that a datagram of this side may have; taken if it became a stream. */
static bool
descriptor_take(struct carry *c, struct fds *fds, struct carry_frame *f)
{
	if (fds->n == 0)
		return true;
	if (fds->n != 1)
		return false;
	if (!c->storage) {
		f->has_memory = memory_map(fds->fd[0], &f->memory);
		return f->has_memory;
	}
	if (!is_socket(fds->fd[0]) || c->n >= CARRY_STREAMS)
		return false;
	f->born = ++c->last_born;
	stream_add(c, f->born, fds_take(fds));
	return true;
}

static void
stream_closed(struct stream *s)
{
	struct carry *c		   = s->carry;
	const struct carry_frame f = { .kind = CARRY_CLOSE, .stream = s->id };

	if (frame_send(c, &f) && s->id == 0)
		carry_fail(c, "it has been closed here");
	stream_drop(s);
}

/* False when there is nothing more, or no more stream. */
static bool
stream_read_one(struct stream *s)
{
	static uint8_t buf[FDPASS_DATAGRAM];
	struct carry_frame f = { .kind = CARRY_DATA, .stream = s->id };
	struct fds fds	     = { 0 };
	bool fits;
	nt st = fdpass_recv(s->fd, buf, sizeof buf, &f.datagram.n, fds.fd, &fds.n);

	if (nt_is(st, STATUS_RETRY))
		return false;
	if (nt_failed(st)) {
		stream_closed(s);
		return false;
	}
	f.datagram.p = buf;
	fits	     = descriptor_take(s->carry, &fds, &f);
	fds_close(&fds);
	if (fits)
		fits = frame_send(s->carry, &f);
	else
		carry_fail(s->carry, "a descriptor that does not travel");
	if (f.memory.n > 0)
		(void)munmap((void *)(uintptr_t)f.memory.p, f.memory.n);
	return fits;
}

static bool
parcel_send(const struct stream *s, const struct parcel *p)
{
	struct iovec iov = { (void *)(uintptr_t)p->b, p->n };

	return !nt_is(fdpass_send(s->fd, &iov, 1, p->fds.fd, p->fds.n), STATUS_RETRY);
}

void
stream_drain(struct stream *s)
{
	while (s->first && parcel_send(s, s->first))
		parcel_drop(s);
	loop_mod(&s->watch, EPOLLIN | (s->first ? EPOLLOUT : 0u));
}

static void
stream_event(void *ctx, uint32_t events)
{
	struct stream *s = ctx;

	if (events & EPOLLOUT)
		stream_drain(s);
	for (int i = 0; i < CARRY_RUN && stream_read_one(s); i++)
		;
}

void
stream_add(struct carry *c, uint32_t id, int fd)
{
	struct stream *s = xcalloc(1, sizeof *s);

	*s	   = (struct stream){ .next = c->streams, .carry = c, .id = id, .fd = fd };
	s->last	   = &s->first;
	c->streams = s;
	c->n++;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		carry_fail(c, "a socket that cannot be set");
	loop_add(c->loop, &s->watch, fd, EPOLLIN, stream_event, s);
}

/* ---- life ---- */

void
carry_begin(struct carry *c, struct loop *loop, bool storage, int fd, carry_send_fn *send,
	    loop_fn *ended, void *ctx)
{
	*c = (struct carry){ .loop = loop, .storage = storage, .send = send, .ended = ended, .ctx = ctx };
	stream_add(c, 0, fd);
}

void
carry_drop(struct carry *c)
{
	while (c->streams)
		stream_drop(c->streams);
	loop_timer_clear(&c->end);
}
