/*
 * lane_ring.c - records through the shared ring: a stream of bytes, so a record
 * may be larger than the ring and may arrive in parts.
 */
#include "ipc/internal.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "base/fatal.h"

#define RUN_MAX (4u * 1024 * 1024)	/* bytes of one ring before others get their turn */

/* Something came, or there is room again. */
static void
bell_rang(void *ctx, uint32_t events)
{
	struct link *l = ctx;

	(void)events;
	if (!l->stalled)
		return;
	l->stalled = false;
	link_mark_dirty(l);
}

void
lane_ring_open(struct link *l, struct ring *r)
{
	l->ring = r;
	loop_add(l->node->loop, &l->bell, ring_bell(r), EPOLLIN | EPOLLET, bell_rang, l);
}

void
lane_ring_close(struct link *l)
{
	loop_del(&l->bell);
	ring_drop(l->ring);
	free(l->in);
	l->ring = NULL;
	l->in   = NULL;
}

/*
 * Two lanes keep no order between them.  So we change over only when nothing
 * that we asked or said on the other is still under way.
 */
bool
lane_ring_ready(struct link *l)
{
	if (!l->ring_tx && l->ring && l->n_pending <= 1 && l->out_n == 0)
		l->ring_tx = true;
	return l->ring_tx;
}

void
lane_ring_put(struct link *l, const struct ipc_rec *rec)
{
	struct wr w;

	link_room(l, IPC_HDR + rec->body.n + rec->data.n);
	w = wr_init(l->out + l->out_n, l->out_cap - l->out_n);
	rec_write(&w, rec);
	wr_span(&w, rec->data);
	ENSURE(wr_ok(&w));
	l->out_n += w.pos;
	if (!l->stalled)
		link_mark_dirty(l);
	else if (l->out_n > IPC_STALLED_MAX)
		link_condemn(l, "it does not read");
}

void
lane_ring_flush(struct link *l)
{
	size_t n;

	if (nt_failed(ring_write(l->ring, SPAN(l->out, l->out_n), &n))) {
		link_nonsense(l, "ring counters out of range");
		return;
	}
	l->out_n -= n;
	if (l->out_n == 0)
		return;
	memmove(l->out, l->out + n, l->out_n);
	l->stalled = true;
}

/* Dispatches the whole records at the front of s; how many bytes they took. */
static size_t
records_run(struct link *l, struct span s)
{
	struct rd r = rd_init(s);
	struct ipc_rec rec;
	size_t done = 0;

	while (l->state != LINK_DEAD && rd_left(&r) >= IPC_HDR) {
		struct rd peek = r;
		uint64_t need;

		rd_zero(&peek, 8);	/* version, kind, message, word */
		need = rd_u32(&peek);
		need += rd_u32(&peek);
		if (need > MSG_BODY_MAX + (uint64_t)MSG_DATA_MAX) {
			link_nonsense(l, "a record too large");
			break;
		}
		if (need > rd_left(&r) - IPC_HDR)
			break;
		if (nt_failed(rec_read(&r, &rec))) {
			link_nonsense(l, "a record that does not fit");
			break;
		}
		rec.data = rd_bytes(&r, rec.data_n);
		done     = r.pos;
		dispatch(l, &rec, NULL);
	}
	return done;
}

/* What is left of a record waits in l->in, which is where more of it is then read to. */
static void
keep_rest(struct link *l, const uint8_t *p, size_t n)
{
	if (n > 0 && l->in_cap < n + FDPASS_DATAGRAM) {
		uint8_t *in = malloc(n + FDPASS_DATAGRAM);

		ENSURE(in != NULL);
		memcpy(in, p, n);
		free(l->in);
		l->in     = in;
		l->in_cap = n + FDPASS_DATAGRAM;
	} else if (n > 0) {
		memmove(l->in, p, n);
	}
	l->in_n = n;
}

static size_t
ring_run_once(struct link *l)
{
	uint8_t *at = l->in_n > 0 ? l->in : l->node->recv_room;
	size_t had  = l->in_n, n, done;

	if (nt_failed(ring_read(l->ring, at + had, FDPASS_DATAGRAM, &n))) {
		link_nonsense(l, "ring counters out of range");
		return 0;
	}
	if (n == 0)
		return 0;
	done = records_run(l, SPAN(at, had + n));
	keep_rest(l, at + done, had + n - done);
	return n;
}

bool
lane_ring_poll(struct link *l)
{
	size_t total = 0, n;

	while (l->state != LINK_DEAD && total < RUN_MAX && (n = ring_run_once(l)) > 0)
		total += n;
	if (total > 0 || l->state == LINK_DEAD)
		return total > 0;
	return ring_sleep(l->ring);
}
