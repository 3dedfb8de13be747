/*
 * carry_take.c - frames from the other host to this host's sockets, with the memory
 * and the new streams that go along.
 */
#include "broker/bridge/carry_inner.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fatal.h"

static nt
memory_make(struct span bytes, struct fds *fds)
{
	int fd = memfd_create("bulkhead-part", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	REQUIRE(fd >= 0, STATUS_INSUFFICIENT_RESOURCES);
	fds->fd[fds->n++] = fd;
	REQUIRE(write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fcntl(fd, F_ADD_SEALS, SEALS) == 0,
		STATUS_INSUFFICIENT_RESOURCES);
	return STATUS_SUCCESS;
}

/* The far end of a new stream goes along with the datagram. */
static nt
stream_bear(struct carry *c, uint32_t id, struct fds *fds)
{
	int pair[2];

	REQUIRE(!c->storage && id > c->last_born && c->n < CARRY_STREAMS, STATUS_INVALID_PARAMETER);
	TRY(fdpass_pair(pair));
	c->last_born	  = id;
	fds->fd[fds->n++] = pair[1];
	stream_add(c, id, pair[0]);
	return STATUS_SUCCESS;
}

static nt
datagram_put(struct stream *s, struct span datagram, struct fds *fds)
{
	struct parcel *p = malloc(sizeof *p + datagram.n);

	ENSURE(p != NULL);
	*p = (struct parcel){ .fds = *fds, .n = datagram.n };
	fds->n = 0;
	memcpy(p->b, datagram.p, datagram.n);
	*s->last = p;
	s->last	 = &p->next;
	s->carry->queued += p->n;
	stream_drain(s);
	return s->carry->queued <= CARRY_QUEUED ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static nt
data_take(struct carry *c, const struct carry_frame *f)
{
	struct stream *s = stream_find(c, f->stream);
	struct fds fds	 = { 0 };
	nt st		 = STATUS_SUCCESS;

	REQUIRE(c->storage || !f->has_memory, STATUS_INVALID_PARAMETER);
	if (f->born != 0)
		st = stream_bear(c, f->born, &fds);
	if (!nt_failed(st) && f->has_memory)
		st = memory_make(f->memory, &fds);
	if (!nt_failed(st) && s) /* else it has been closed here meanwhile */
		st = datagram_put(s, f->datagram, &fds);
	fds_close(&fds);
	return st;
}

nt
carry_take(struct carry *c, const struct carry_frame *f)
{
	struct stream *s = stream_find(c, f->stream);

	if (f->kind == CARRY_DATA)
		return data_take(c, f);
	REQUIRE(f->kind == CARRY_CLOSE, STATUS_INVALID_PARAMETER);
	if (s)
		stream_drop(s);
	if (f->stream == 0)
		carry_fail(c, "the other host has closed it");
	return STATUS_SUCCESS;
}
