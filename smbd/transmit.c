/*
 * transmit.c - finished frames to the socket: at the end of a tick all that is
 * ready for a connection leaves in as few sendmsg() as its pieces allow.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "smbd/rq.h"

#define TX_IOV 256

void
conn_dirty(struct conn *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	TAILQ_INSERT_TAIL(&c->worker->dirty, c, of_dirty);
}

/* Pieces of the frames that wait, the first c->sent bytes left out. */
static size_t
tx_gather(const struct conn *c, struct iovec *iov)
{
	size_t n = 0, skip = c->sent, i;
	struct frame *f;

	TAILQ_FOREACH(f, &c->outgoing, of_conn) {
		if (n > TX_IOV - 1 - FRAME_IOV)
			break;
		iov[n++] = (struct iovec){ f->lead, f->lead_n };
		n += frame_iov(f, iov + n);
	}
	for (i = 0; i < n && skip >= iov[i].iov_len; i++)
		skip -= iov[i].iov_len;
	memmove(iov, iov + i, (n - i) * sizeof *iov);
	n -= i;
	if (n > 0) {
		iov[0].iov_base = (uint8_t *)iov[0].iov_base + skip;
		iov[0].iov_len -= skip;
	}
	return n;
}

static void
tx_sent(struct conn *c, size_t n)
{
	struct frame *f;

	c->sent += n;
	while ((f = TAILQ_FIRST(&c->outgoing)) && c->sent >= f->total) {
		c->sent -= f->total;
		c->n_outgoing--;
		TAILQ_REMOVE(&c->outgoing, f, of_conn);
		frame_drop(f);
	}
}

void
conn_transmit(struct conn *c)
{
	struct iovec iov[TX_IOV];

	while (!TAILQ_EMPTY(&c->outgoing)) {
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = tx_gather(c, iov) };
		ssize_t n       = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conn_close(c, NULL);
			return;
		}
		c->moved = loop_now(c->worker->smbd->loop);
		tx_sent(c, (size_t)n);
	}
	conn_reading(c);
}
