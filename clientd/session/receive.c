/*
 * receive.c - a server's bytes to whole messages.  A large frame is received
 * straight into its own memory, a sealed one is opened in place.
 * [MS-SMB2] 2.1, 3.2.5.1.1
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clientd/session/client.h"
#include "clientd/session/conn.h"

#define READS_AT_ONCE 16u	/* then the other connections get their turn */

static struct frame *
frame_new(size_t n)
{
	struct frame *f = malloc(sizeof *f + n);

	if (f) {
		f->refs = 1;
		f->n	= n;
	}
	return f;
}

void
frame_release(struct frame *f)
{
	if (f && --f->refs == 0)
		free(f);
}

/* 3.2.5.1.1.  The inner message, or nothing. */
static struct span
frame_open(struct conn *c, struct frame *f)
{
	struct iovec inner = { f->b + SMB2_TRANSFORM_SIZE, f->n - SMB2_TRANSFORM_SIZE };
	struct rd r	   = rd_init(SPAN(f->b, SMB2_TRANSFORM_SIZE));
	struct smb2_transform t;

	if (!c->in || nt_failed(smb2_transform_decode(&r, &t)) || t.session_id != c->session_id ||
	    nt_failed(smb2_unseal(c->in, f->b, &inner, 1)))
		return SPAN_NONE;
	return SPAN(inner.iov_base, inner.iov_len);
}

void
conn_frame(struct conn *c, struct frame *f)
{
	struct span msg = SPAN(f->b, f->n);

	switch (smb2_kind_of(msg)) {
	case SMB2_KIND_SMB2:
		conn_message(c, f, msg, false);
		break;
	case SMB2_KIND_TRANSFORM:
		msg = f->n > SMB2_TRANSFORM_SIZE ? frame_open(c, f) : SPAN_NONE;
		if (smb2_kind_of(msg) == SMB2_KIND_SMB2)
			conn_message(c, f, msg, true);
		else
			conn_nonsense(c, "an encrypted message that does not open");
		break;
	default:
		conn_nonsense(c, "no SMB2 message");
	}
}

/* The frame is whole: whoever borrows from it holds it from here on. */
static void
frame_done(struct conn *c)
{
	struct frame *f = c->frame;

	c->frame = NULL;
	conn_frame(c, f);
	frame_release(f);
}

static bool
frame_begin(struct conn *c, const uint8_t *hdr)
{
	uint32_t len;

	if (nt_failed(transport_decode(hdr, &len)) || len < SMB2_HDR_SIZE ||
	    len > conn_frame_max(c)) {
		conn_nonsense(c, "no message, or too long");
		return false;
	}
	c->frame = frame_new(len);
	c->have	 = 0;
	if (!c->frame)
		conn_close(c, STATUS_INSUFFICIENT_RESOURCES);
	return c->frame != NULL;
}

/* What lies in the buffer, to frames. */
static void
buffer_run(struct conn *c)
{
	while (conn_is_open(c) && c->in_at < c->in_n) {
		size_t left = c->in_n - c->in_at, lacks;

		if (!c->frame) {
			if (left < TRANSPORT_HDR_SIZE || !frame_begin(c, c->in_buf + c->in_at))
				return;
			c->in_at += TRANSPORT_HDR_SIZE;
			left -= TRANSPORT_HDR_SIZE;
		}
		lacks = c->frame->n - c->have;
		if (left > lacks)
			left = lacks;
		memcpy(c->frame->b + c->have, c->in_buf + c->in_at, left);
		c->have += left;
		c->in_at += left;
		if (c->have == c->frame->n)
			frame_done(c);
	}
}

/* Less than a header stays; it goes to the front. */
static void
buffer_rewind(struct conn *c)
{
	memmove(c->in_buf, c->in_buf + c->in_at, c->in_n - c->in_at);
	c->in_n -= c->in_at;
	c->in_at = 0;
}

static bool
socket_read(struct conn *c, uint8_t *to, size_t room, size_t *ret)
{
	ssize_t n = recv(c->fd, to, room, MSG_DONTWAIT);

	if (n > 0) {
		c->bytes_in += (size_t)n;
		*ret = (size_t)n;
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		conn_close(c, STATUS_CONNECTION_RESET);
	return false;
}

static bool
read_some(struct conn *c)
{
	size_t lacks = c->frame ? c->frame->n - c->have : 0, n;

	if (lacks >= SCRATCH_SIZE) {
		if (!socket_read(c, c->frame->b + c->have, lacks, &n))
			return false;
		c->have += n;
		if (n == lacks)
			frame_done(c);
		return true;
	}
	buffer_rewind(c);
	if (!socket_read(c, c->in_buf + c->in_n, SCRATCH_SIZE - c->in_n, &n))
		return false;
	c->in_n += n;
	buffer_run(c);
	return true;
}

void
conn_receive(struct conn *c)
{
	conn_hold(c);
	for (unsigned i = 0; i < READS_AT_ONCE && conn_is_open(c); i++)
		if (!read_some(c))
			break;
	conn_release(c);
}
