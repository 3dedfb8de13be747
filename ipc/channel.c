/*
 * channel.c - the seqpacket lane: the directory's links and gate to worker.
 *
 * One record a datagram, its payload behind the body, with at most four descriptors.
 * A datagram that begins with 'L' is a log record.
 */
#include "ipc/internal.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"

#define CHANNEL_RUN 64	/* datagrams read before others get their turn */

static void
datagram_free(struct datagram *d)
{
	fds_close(&d->fds);
	free(d);
}

static void
channel_want(struct link *l)
{
	if (l->watch.loop)
		loop_mod(&l->watch, EPOLLIN | (l->queue ? EPOLLOUT : 0u));
}

/* False when the channel is full; the end of the peer shows when reading. */
static bool
datagram_send(struct link *l, const struct datagram *d)
{
	struct iovec iov = { (void *)(uintptr_t)d->b, d->n };
	nt s = fdpass_send(l->fd, &iov, 1, d->fds.fd, d->fds.n);

	if (nt_is(s, STATUS_INVALID_PARAMETER))
		log_error("a datagram was too large for the channel bytes=%zu", d->n);
	return !nt_is(s, STATUS_RETRY);
}

void
channel_send(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	size_t n           = IPC_HDR + rec->body.n + rec->data.n;
	struct datagram *d = malloc(sizeof *d + n);
	struct wr w;

	ENSURE(d != NULL);
	*d = (struct datagram){ .n = n };
	if (fds) {
		d->fds = *fds;
		fds->n = 0;
	}
	w  = wr_init(d->b, n);
	rec_write(&w, rec);
	wr_span(&w, rec->data);
	ENSURE(wr_ok(&w));
	if (!l->queue && datagram_send(l, d)) {
		datagram_free(d);
		return;
	}
	*l->queue_last = d;
	l->queue_last  = &d->next;
	if (++l->queued > IPC_QUEUE_MAX)
		link_condemn(l, "it does not read");
	channel_want(l);
}

static void
channel_drain(struct link *l)
{
	struct datagram *d;

	while ((d = l->queue) && datagram_send(l, d)) {
		l->queue = d->next;
		if (!l->queue)
			l->queue_last = &l->queue;
		l->queued--;
		datagram_free(d);
	}
	channel_want(l);
}

static void
channel_log(struct link *l, struct span s)
{
	const struct node_events *ev = l->node->conf.events;
	struct rd r                  = rd_init(s);
	uint8_t level;

	rd_zero(&r, 1);
	level = rd_u8(&r);
	if (!rd_ok(&r) || level >= LOG_LEVEL_MAX || !ev || !ev->log) {
		link_nonsense(l, "a log record that is none");
		return;
	}
	ev->log(l->node->conf.me, l, (enum log_level)level, rd_rest(&r));
}

static void
channel_record(struct link *l, struct span s, struct fds *fds)
{
	struct rd r = rd_init(s);
	struct ipc_rec rec;

	if (nt_failed(rec_read(&r, &rec)) || rd_left(&r) != rec.data_n) {
		fds_close(fds);
		link_nonsense(l, "a record that does not fit");
		return;
	}
	rec.data = rd_rest(&r);
	dispatch(l, &rec, fds);
}

/* False when there is nothing more, or no more link. */
static bool
channel_read_one(struct link *l)
{
	struct fds fds = { 0 };
	size_t n;
	nt s = fdpass_recv(l->fd, l->node->recv_room, FDPASS_DATAGRAM, &n, fds.fd, &fds.n);

	if (nt_is(s, STATUS_RETRY))
		return false;
	if (nt_failed(s)) {
		if (nt_is(s, STATUS_INVALID_PARAMETER))
			link_nonsense(l, "a datagram too large");
		else if (l->node->directory == l && l->node->conf.channel >= 0)
			loop_stop(l->node->loop, 0);	/* the spawner itself is gone */
		link_down(l);
		return false;
	}
	if (fds.n == 0 && l->node->recv_room[0] == 'L')
		channel_log(l, SPAN(l->node->recv_room, n));
	else
		channel_record(l, SPAN(l->node->recv_room, n), &fds);
	return l->state != LINK_DEAD;
}

static void
channel_event(void *ctx, uint32_t events)
{
	struct link *l = ctx;

	if (events & EPOLLOUT)
		channel_drain(l);
	for (int i = 0; i < CHANNEL_RUN && l->state != LINK_DEAD; i++)
		if (!channel_read_one(l))
			break;
	if (l->state == LINK_DEAD)
		loop_del(&l->watch);
}

void
channel_open(struct link *l, int fd)
{
	l->lane = LANE_CHANNEL;
	l->fd   = fd;
	loop_add(l->node->loop, &l->watch, fd, EPOLLIN, channel_event, l);
}

void
channel_close(struct link *l)
{
	struct datagram *d;

	loop_del(&l->watch);
	while ((d = l->queue)) {
		l->queue = d->next;
		datagram_free(d);
	}
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
