/*
 * receive.c - bytes of a client to frames.  Small frames are handled where one
 * recv() put them; large ones are received where their payload is wanted:
 * receive_bulk.c.  Nothing is parsed there: headers are in, or copied to, memory
 * of our own.
 * [MS-SMB2] 2.1, 3.3.5.2, 3.3.5.2.1
 */
#include "smbd/receive.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "proto/transport.h"

#define HDR TRANSPORT_HDR_SIZE

void
rx_drop(struct conn *c)
{
	bulk_free(c->worker, &c->rx.bulk);
	free(c->rx.part);
	c->rx = (struct rx){ 0 };
}

/* ---- whole frames ---- */

struct chan *
rx_unseal(struct conn *c, const uint8_t *hdr, struct iovec iov)
{
	struct rd r = rd_init(SPAN(hdr, SMB2_TRANSFORM_SIZE));
	struct smb2_transform t;
	struct chan *ch;

	if (nt_failed(smb2_transform_decode(&r, &t)))
		return NULL;
	ch = chan_find(c, t.session_id);
	if (!ch || !ch->session->in ||
	    nt_failed(smb2_unseal(ch->session->in, hdr, &iov, iov.iov_len ? 1 : 0)))
		return NULL;
	return ch;
}

void
rx_plain(struct conn *c, struct span frame, struct chan *ch)
{
	struct frame_in in = { .bytes = frame, .sealed = ch != NULL, .chan = ch };

	if (smb2_kind_of(frame) == SMB2_KIND_SMB2)
		frame_handle(c, &in);
	else
		conn_close(c, "no SMB2 message");
}

void
rx_frame(struct conn *c, uint8_t *p, size_t n)
{
	struct iovec inner = { p + SMB2_TRANSFORM_SIZE, n - SMB2_TRANSFORM_SIZE };
	struct chan *ch;

	if (smb2_kind_of(SPAN(p, n)) != SMB2_KIND_TRANSFORM) {
		rx_plain(c, SPAN(p, n), NULL);
		return;
	}
	ch = n > SMB2_TRANSFORM_SIZE ? rx_unseal(c, p, inner) : NULL;
	if (ch)
		rx_plain(c, SPAN(inner.iov_base, inner.iov_len), ch);
	else
		conn_close(c, "an encrypted message that does not open");
}

/* ---- the stream ---- */

/* Bytes of p that one frame took, 0 if it is not whole (and not large) yet. */
static size_t
rx_take(struct conn *c, uint8_t *p, size_t n)
{
	uint32_t max = params_max_io(&c->params, &c->worker->smbd->conf) + FRAME_SLACK;
	uint32_t len;

	if (c->n_chans == 0)
		max = GATE_FRAME_MAX;	/* nobody has authenticated here yet */
	if (n < HDR)
		return 0;
	if (nt_failed(transport_decode(p, &len)) || len < SMB2_HDR_SIZE || len > max) {
		conn_close(c, "no message, or too long");
		return 0;
	}
	if (n - HDR >= len) {
		c->rx.peek = false;
		rx_frame(c, p + HDR, len);
		return HDR + len;
	}
	if (len <= RX_BULK || n < RX_PEEK)
		return 0;
	rx_bulk_begin(c, p + HDR, n - HDR, len);
	return n;
}

static void
rx_keep(struct conn *c, const uint8_t *p, size_t n)
{
	if (n == 0 || !conn_is_open(c))
		return;
	c->rx.part = malloc(n);
	if (!c->rx.part) {
		conn_close(c, "no memory");
		return;
	}
	memcpy(c->rx.part, p, n);
	c->rx.part_n = n;
}

static void
rx_run(struct conn *c, uint8_t *p, size_t n)
{
	size_t at = 0, took = 1;

	while (at < n && took > 0 && conn_is_open(c) && conn_may_read(c)) {
		took = rx_take(c, p + at, n - at);
		at += took;
	}
	c->rx.stopped = at < n && took > 0;	/* and not: half a frame */
	rx_keep(c, p + at, n - at);
}

/* Bytes kept earlier go to the front of the scratch buffer; returns how many. */
static size_t
rx_unkeep(struct conn *c)
{
	size_t n = c->rx.part_n;

	if (n > 0)
		memcpy(c->worker->scratch, c->rx.part, n);
	free(c->rx.part);
	c->rx.part   = NULL;
	c->rx.part_n = 0;
	return n;
}

/* True if bytes came. */
static bool
rx_read(struct conn *c, struct iovec *iov, size_t n_iov, size_t *ret_n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n_iov };
	ssize_t n       = recvmsg(c->fd, &m, MSG_DONTWAIT);

	if (n > 0) {
		*ret_n   = (size_t)n;
		c->moved = loop_now(c->worker->smbd->loop);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		conn_close(c, NULL);
	return false;
}

static void
rx_read_bulk(struct conn *c)
{
	struct rx *rx       = &c->rx;
	uint8_t *tail       = c->worker->scratch;
	size_t lacks        = rx->want - rx->have, n;
	struct iovec iov[2] = { { rx->bulk.p + rx->have, lacks }, { tail, RX_PEEK } };

	if (!rx_read(c, iov, 2, &n))
		return;
	rx->have += n < lacks ? n : lacks;
	if (rx->have < rx->want)
		return;
	rx_bulk_end(c);
	rx_run(c, tail, n - lacks);
}

static void
rx_read_stream(struct conn *c)
{
	uint8_t *scratch  = c->worker->scratch;
	size_t kept       = rx_unkeep(c), n;
	size_t room       = c->rx.peek ? RX_PEEK : RX_SCRATCH - kept;
	struct iovec iov  = { scratch + kept, room };

	if (rx_read(c, &iov, 1, &n))
		rx_run(c, scratch, kept + n);
	else
		rx_keep(c, scratch, kept);
}

void
conn_receive(struct conn *c)
{
	if (c->rx.want > 0)
		rx_read_bulk(c);
	else
		rx_read_stream(c);
}

/* Reading was stopped with bytes in hand, and goes on. */
void
conn_resume(struct conn *c)
{
	size_t n;

	if (!c->rx.stopped)
		return;
	n = rx_unkeep(c);
	rx_run(c, c->worker->scratch, n);
}
