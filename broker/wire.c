/*
 * wire.c - struct wire to bytes and back, field by field, always WIRE_SIZE
 * long, and the queue for a socket that is full.
 */
#include "broker/wire.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/fdpass.h"

#define WIRE_RUN 64 /* datagrams read before other descriptors get their turn */

struct wire_parcel {
	struct wire_parcel *next;
	uint8_t bytes[WIRE_SIZE];
	int fds[WIRE_FDS];
	size_t n_fds;
};

/* ---- codec ---- */

void
wire_write(struct wr *w, const struct wire *m)
{
	wr_u32(w, m->kind);
	wr_u32(w, m->row);
	wr_u64(w, m->peer);
	wr_u32(w, m->pid);
	wr_u32(w, m->uid);
	wr_u32(w, m->gid);
	wr_u32(w, m->status);
	wr_u64(w, m->tag);
	wr_u32(w, m->index);
	wr_u32(w, m->restarts);
	wr_u64(w, m->started);
	wr_u32(w, m->seccomp);
	wr_u32(w, m->no_new_privs);
	wr_u64(w, m->cap_effective);
	wr_u64(w, m->cap_permitted);
	wr_u32(w, m->namespaces);
	wr_bytes(w, m->id.b, sizeof m->id.b);
	wr_bytes(w, m->name, sizeof m->name);
	wr_zero(w, w->pos < WIRE_SIZE ? WIRE_SIZE - w->pos : 0);
}

nt
wire_read(struct span s, struct wire *ret)
{
	struct rd r   = rd_init(s);
	struct wire m = { 0 };

	m.kind		= rd_u32(&r);
	m.row		= rd_u32(&r);
	m.peer		= rd_u64(&r);
	m.pid		= rd_u32(&r);
	m.uid		= rd_u32(&r);
	m.gid		= rd_u32(&r);
	m.status	= rd_u32(&r);
	m.tag		= rd_u64(&r);
	m.index		= rd_u32(&r);
	m.restarts	= rd_u32(&r);
	m.started	= rd_u64(&r);
	m.seccomp	= rd_u32(&r);
	m.no_new_privs	= rd_u32(&r);
	m.cap_effective = rd_u64(&r);
	m.cap_permitted = rd_u64(&r);
	m.namespaces	= rd_u32(&r);
	rd_copy(&r, m.id.b, sizeof m.id.b);
	rd_copy(&r, m.name, sizeof m.name);
	REQUIRE(rd_ok(&r) && s.n == WIRE_SIZE, STATUS_INVALID_PARAMETER);
	REQUIRE(m.name[sizeof m.name - 1] == '\0', STATUS_INVALID_PARAMETER);
	*ret = m;
	return STATUS_SUCCESS;
}

/* ---- sending ---- */

static void
fds_shut(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

/* False when the socket is full.  A peer that is gone shows when reading. */
static bool
parcel_send(const struct wire_end *e, struct wire_parcel *p)
{
	struct iovec iov = { p->bytes, sizeof p->bytes };

	return !nt_is(fdpass_send(e->sock, &iov, 1, p->fds, p->n_fds), STATUS_RETRY);
}

static void
parcel_drop(struct wire_parcel *p)
{
	fds_shut(p->fds, p->n_fds);
	free(p);
}

static void
wire_drain(struct wire_end *e)
{
	struct wire_parcel *p;

	while ((p = e->first) && parcel_send(e, p)) {
		e->first = p->next;
		if (!e->first)
			e->last = &e->first;
		parcel_drop(p);
	}
	loop_mod(&e->watch, EPOLLIN | (e->first ? EPOLLOUT : 0u));
}

void
wire_post(struct wire_end *e, const struct wire *m, const int *fds, size_t n_fds)
{
	struct wire_parcel *p;
	struct wr w;

	if (!wire_is_open(e))
		return;
	ENSURE(n_fds <= WIRE_FDS);
	p = xcalloc(1, sizeof *p);
	w = wr_init(p->bytes, sizeof p->bytes);
	wire_write(&w, m);
	ENSURE(wr_ok(&w));
	for (; p->n_fds < n_fds; p->n_fds++) {
		p->fds[p->n_fds] = fcntl(fds[p->n_fds], F_DUPFD_CLOEXEC, 3);
		ENSURE(p->fds[p->n_fds] >= 0);
	}
	*e->last = p;
	e->last	 = &p->next;
	wire_drain(e);
}

/* ---- receiving ---- */

static void
wire_fail(struct wire_end *e)
{
	wire_close(e);
	e->gone(e->ctx);
}

/* False when there is nothing more, or no more end. */
static bool
wire_get(struct wire_end *e)
{
	uint8_t buf[WIRE_SIZE];
	int got[FDPASS_MAX], fds[WIRE_FDS];
	size_t n, n_fds;
	struct wire m;
	nt s = fdpass_recv(e->sock, buf, sizeof buf, &n, got, &n_fds);

	if (nt_is(s, STATUS_RETRY))
		return false;
	if (nt_failed(s)) {
		wire_fail(e);
		return false;
	}
	if (nt_failed(wire_read(SPAN(buf, n), &m)) || n_fds > WIRE_FDS) {
		log_error("nonsense between spawner and directory bytes=%zu", n);
		fds_shut(got, n_fds);
		wire_fail(e);
		return false;
	}
	for (size_t i = 0; i < WIRE_FDS; i++)
		fds[i] = i < n_fds ? got[i] : -1;
	e->got(e->ctx, &m, fds);
	return wire_is_open(e);
}

static void
wire_event(void *ctx, uint32_t events)
{
	struct wire_end *e = ctx;

	if (events & EPOLLOUT)
		wire_drain(e);
	for (int i = 0; i < WIRE_RUN && wire_get(e); i++)
		;
}

/* ---- life ---- */

void
wire_open(struct wire_end *e, struct loop *loop, int sock, wire_fn *got, loop_fn *gone, void *ctx)
{
	*e	= (struct wire_end){ .sock = sock, .got = got, .gone = gone, .ctx = ctx };
	e->last = &e->first;
	loop_add(loop, &e->watch, sock, EPOLLIN, wire_event, e);
}

bool
wire_is_open(const struct wire_end *e)
{
	return e->watch.loop != NULL;
}

void
wire_close(struct wire_end *e)
{
	struct wire_parcel *p;

	if (!wire_is_open(e))
		return;
	loop_del(&e->watch);
	close(e->sock);
	while ((p = e->first)) {
		e->first = p->next;
		parcel_drop(p);
	}
}
