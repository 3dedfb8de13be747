/*
 * transmit.c - messages to the socket: numbered when credits allow, then signed or
 * sealed, and all that is ready in one sendmsg().  [MS-SMB2] 3.2.4.1, 3.1.4.1, 3.1.4.3
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fatal.h"
#include "clientd/session/client.h"
#include "clientd/session/request.h"

#define TX_IOV 64u

void
packet_drop(struct packet *p)
{
	if (!p)
		return;
	free(p->buf);
	free(p);
}

static size_t
element_end(const struct packet *p, unsigned i)
{
	return i + 1 < p->n ? p->at[i + 1] : p->end;
}

/* Each element is signed by itself, padding included.  3.1.4.1 */
static nt
packet_sign(struct conn *c, struct packet *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct iovec iov = { p->buf + p->at[i], element_end(p, i) - p->at[i] };
		struct wr w	 = wr_init(p->buf, p->end);
		struct rd r	 = rd_init(SPAN(p->buf + p->at[i], SMB2_HDR_SIZE));
		struct smb2_hdr h;

		TRY(smb2_hdr_decode(&r, &h));
		w.pos = p->end;
		smb2_hdr_patch_flags(&w, p->at[i], h.flags | SMB2_FLAGS_SIGNED);
		TRY(smb2_sign(c->signer, &iov, 1));
	}
	return STATUS_SUCCESS;
}

static nt
packet_seal(struct conn *c, struct packet *p)
{
	struct iovec iov = { p->buf + PACKET_LEAD, p->end - PACKET_LEAD };
	uint8_t hdr[SMB2_TRANSFORM_SIZE];

	TRY(smb2_seal(c->out, c->session_id, &iov, 1, hdr));
	memcpy(p->buf + TRANSPORT_HDR_SIZE, hdr, sizeof hdr);
	p->from = 0;
	return STATUS_SUCCESS;
}

nt
packet_dress(struct conn *c, struct packet *p)
{
	p->from = SMB2_TRANSFORM_SIZE;
	if (p->sign && !p->seal)
		TRY(packet_sign(c, p));
	if (c->client->taps.n > 0)
		conn_trace(c, SPAN(p->buf + PACKET_LEAD, p->end - PACKET_LEAD), false, p->seal);
	if (p->seal)
		TRY(packet_seal(c, p));
	transport_encode(p->buf + p->from, (uint32_t)(p->end - p->from - TRANSPORT_HDR_SIZE));
	return STATUS_SUCCESS;
}

static void
packet_launch(struct conn *c, struct packet *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct request *rq = p->rq[i];

		p->rq[i]    = NULL;
		rq->sent    = true;
		rq->sealed  = p->seal;
		rq->signed_ = p->sign && !p->seal;
	}
	TAILQ_INSERT_TAIL(&c->outgoing, p, of_conn);
}

/* 3.2.5.2, 3.2.5.3: what ties the keys to what was said.  Only its asker, who waits, set it. */
static nt
packet_hash(struct packet *p)
{
	if (!p->preauth)
		return STATUS_SUCCESS;
	return smb2_preauth_update(p->preauth, SPAN(p->buf + PACKET_LEAD, p->end - PACKET_LEAD));
}

/* In order: a large request waits for its credits and is not overtaken. */
static void
packets_number(struct conn *c)
{
	struct packet *p;

	while (conn_is_open(c) && (p = TAILQ_FIRST(&c->waiting)) && credit_covers(c, p)) {
		TAILQ_REMOVE(&c->waiting, p, of_conn);
		c->n_in_flight += p->n;
		if (!p->raw)
			credit_spend(c, p);
		packet_launch(c, p);
		if (nt_failed(packet_dress(c, p)) || nt_failed(packet_hash(p)))
			conn_close(c, STATUS_INSUFFICIENT_RESOURCES);	/* nonces are used up */
	}
}

static size_t
tx_gather(const struct conn *c, struct iovec *iov)
{
	size_t n = 0, skip = c->sent;
	struct packet *p;

	TAILQ_FOREACH(p, &c->outgoing, of_conn) {
		if (n == TX_IOV)
			break;
		iov[n++] = (struct iovec){ p->buf + p->from + skip, p->end - p->from - skip };
		skip	 = 0;
	}
	return n;
}

static void
tx_sent(struct conn *c, size_t n)
{
	struct packet *p;

	c->bytes_out += n;
	c->sent += n;
	while ((p = TAILQ_FIRST(&c->outgoing)) && c->sent >= p->end - p->from) {
		c->sent -= p->end - p->from;
		TAILQ_REMOVE(&c->outgoing, p, of_conn);
		packet_drop(p);
	}
}

void
conn_transmit(struct conn *c)
{
	struct iovec iov[TX_IOV];

	packets_number(c);
	while (conn_is_open(c) && !TAILQ_EMPTY(&c->outgoing)) {
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = tx_gather(c, iov) };
		ssize_t n	= sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conn_close(c, STATUS_CONNECTION_RESET);
			return;
		}
		tx_sent(c, (size_t)n);
	}
	if (conn_is_open(c))
		loop_mod(&c->watch, EPOLLIN | (TAILQ_EMPTY(&c->outgoing) ? 0u : (uint32_t)EPOLLOUT));
}
