/* wire.c - see wire.h.  [MS-SMB2] 2.1, 3.2.4.1, 3.2.5.1 */
#include "bench/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "proto/transport.h"

#define TX_CAP	(8u * 1024 * 1024)
#define TX_FULL (1024u * 1024) /* is sent although there might be more */
#define RX_CAP	(16u * 1024 * 1024)
#define RX_ROOM (2u * 1024 * 1024) /* holds any one frame */
#define CREDITS 8192u

void
wire_dial(struct wire *w, uint16_t port, enum protect protect)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port   = htons(port),
				  .sin_addr   = { htonl(INADDR_LOOPBACK) } };
	uint8_t *tx = w->tx.base, *rx = w->rx;
	int on = 1;

	*w    = (struct wire){ .protect = protect, .credits = 1 };
	w->rx = rx ? rx : xcalloc(1, RX_CAP);
	w->tx = wr_init(tx ? tx : xcalloc(1, TX_CAP), TX_CAP);
	smb2_preauth_init(&w->hash);
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd < 0 || connect(w->fd, (struct sockaddr *)&to, sizeof to) != 0)
		fatal("cannot connect port=%u: %s", port, strerror(errno));
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void
wire_drop(struct wire *w)
{
	close(w->fd);
	smb2_signer_drop(w->signer);
	smb2_sealer_drop(w->out);
	smb2_sealer_drop(w->in);
	w->signer = NULL;
	w->out = w->in = NULL;
}

/* ---- out ---- */

static struct wr *
element_begin(struct wire *w, uint16_t command, uint16_t charge, uint32_t flags)
{
	struct smb2_hdr hdr = { .command       = command,
				.credit_charge = charge,
				.credits       = CREDITS,
				.flags	       = flags,
				.message_id    = w->next_id,
				.session_id    = w->session_id,
				.tree_id       = w->tree_id };

	if (w->live && w->protect == SIGNED)
		hdr.flags |= SMB2_FLAGS_SIGNED;
	ENSURE(w->credits >= charge);
	w->credits -= charge;
	w->next_id += charge;
	w->element_at = w->tx.pos;
	smb2_hdr_encode(&w->tx, &hdr);
	return &w->tx;
}

static void
element_end(struct wire *w)
{
	struct iovec iov = { w->tx.base + w->element_at, w->tx.pos - w->element_at };

	ENSURE(wr_ok(&w->tx));
	if (w->live && w->protect == SIGNED)
		ENSURE(nt_ok(smb2_sign(w->signer, &iov, 1)));
}

static bool
seals(const struct wire *w)
{
	return w->live && w->protect == SEALED;
}

struct wr *
wire_begin(struct wire *w, uint16_t command, uint16_t charge)
{
	w->frame_at = w->tx.pos;
	wr_zero(&w->tx, TRANSPORT_HDR_SIZE + (seals(w) ? SMB2_TRANSFORM_SIZE : 0));
	return element_begin(w, command, charge, 0);
}

struct wr *
wire_related(struct wire *w, uint16_t command)
{
	smb2_hdr_close_element(&w->tx, w->element_at);
	element_end(w);
	return element_begin(w, command, 1, SMB2_FLAGS_RELATED_OPERATIONS);
}

struct span
wire_end(struct wire *w)
{
	uint8_t *frame = w->tx.base + w->frame_at;
	size_t lead    = TRANSPORT_HDR_SIZE + (seals(w) ? SMB2_TRANSFORM_SIZE : 0);
	size_t n       = w->tx.pos - w->frame_at;
	struct iovec inner;

	element_end(w);
	inner = (struct iovec){ frame + lead, n - lead };
	if (seals(w))
		ENSURE(
		    nt_ok(smb2_seal(w->out, w->session_id, &inner, 1, frame + TRANSPORT_HDR_SIZE)));
	transport_encode(frame, (uint32_t)(n - TRANSPORT_HDR_SIZE));
	if (w->tx.pos >= TX_FULL)
		wire_flush(w);
	return SPAN(inner.iov_base, inner.iov_len);
}

void
wire_flush(struct wire *w)
{
	for (size_t at = 0; at < w->tx.pos;) {
		ssize_t n = send(w->fd, w->tx.base + at, w->tx.pos - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			fatal("send: %s", strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	w->tx.pos = 0;
}

/* ---- in ---- */

static void
receive(struct wire *w)
{
	ssize_t n;

	wire_flush(w);
	if (w->rx_at == w->rx_n || RX_CAP - w->rx_n < RX_ROOM) {
		memmove(w->rx, w->rx + w->rx_at, w->rx_n - w->rx_at);
		w->rx_n -= w->rx_at;
		w->rx_at = 0;
	}
	n = recv(w->fd, w->rx + w->rx_n, RX_CAP - w->rx_n, 0);
	if (n <= 0 && errno != EINTR)
		fatal("recv: %s", n == 0 ? "closed" : strerror(errno));
	w->rx_n += n > 0 ? (size_t)n : 0;
}

/* Waits for a whole frame and takes it; the bytes are ours until the next call. */
static struct span
frame_take(struct wire *w)
{
	uint32_t len = 0;
	uint8_t *p;

	while (w->rx_n - w->rx_at < TRANSPORT_HDR_SIZE)
		receive(w);
	if (nt_failed(transport_decode(w->rx + w->rx_at, &len)) ||
	    len > RX_ROOM - TRANSPORT_HDR_SIZE)
		fatal("no frame");
	while (w->rx_n - w->rx_at < TRANSPORT_HDR_SIZE + len)
		receive(w);
	p = w->rx + w->rx_at + TRANSPORT_HDR_SIZE;
	w->rx_at += TRANSPORT_HDR_SIZE + len;
	return SPAN(p, len);
}

static struct span
frame_open(struct wire *w, struct span f)
{
	uint8_t *p	   = (uint8_t *)(uintptr_t)f.p;
	struct iovec inner = { p + SMB2_TRANSFORM_SIZE, f.n - SMB2_TRANSFORM_SIZE };

	if (smb2_kind_of(f) != SMB2_KIND_TRANSFORM) {
		if (seals(w))
			fatal("an answer in the clear");
		return f;
	}
	if (f.n <= SMB2_TRANSFORM_SIZE || !w->in || nt_failed(smb2_unseal(w->in, p, &inner, 1)))
		fatal("an answer that does not open");
	return SPAN(inner.iov_base, inner.iov_len);
}

static void
element_verify(struct wire *w, const struct smb2_element *e)
{
	struct iovec iov = { (void *)(uintptr_t)e->bytes.p, e->bytes.n };

	if (!w->live || w->protect != SIGNED || nt_is(e->hdr.status, STATUS_PENDING))
		return;
	if (!(e->hdr.flags & SMB2_FLAGS_SIGNED) || nt_failed(smb2_verify(w->signer, &iov, 1)))
		fatal("an answer that is not signed as it should be");
}

void
wire_next(struct wire *w, struct smb2_element *ret)
{
	do {
		if (!smb2_chain_more(&w->chain))
			w->chain = smb2_chain_init(frame_open(w, frame_take(w)));
		if (nt_failed(smb2_chain_next(&w->chain, ret)))
			fatal("an answer that does not fit");
		element_verify(w, ret);
		w->credits += ret->hdr.credits;
	} while (nt_is(ret->hdr.status, STATUS_PENDING));
}
