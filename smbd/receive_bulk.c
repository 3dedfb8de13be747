/*
 * receive_bulk.c - large frames: a WRITE's payload, or everything behind a transform
 * header, straight into the arena.
 * [MS-SMB2] 3.3.5.2.1.1, 3.3.5.13
 */
#include "smbd/receive.h"

#include "proto/smb2/write.h"

/*
 * Is this the beginning of a single WRITE whose payload is all that follows
 * the bytes at hand?  Then *ret_off is where that starts.
 */
static bool
rx_is_write(struct span head, size_t frame_n, struct smb2_hdr *ret_hdr, uint32_t *ret_off)
{
	struct rd r = rd_init(head);
	struct smb2_write_req req;

	return smb2_kind_of(head) == SMB2_KIND_SMB2 && !nt_failed(smb2_hdr_decode(&r, ret_hdr)) &&
	       ret_hdr->command == SMB2_CMD_write && ret_hdr->next == 0 &&
	       !nt_failed(smb2_write_req_decode_prefix(&r, frame_n, &req, ret_off)) &&
	       *ret_off <= head.n && req.length > 0 && frame_n - *ret_off == req.length;
}

/*
 * Who will want it: whose tree the header names.  Behind an encrypted one's we cannot look: it will be as
 * the last one was, or be copied.  NULL: nobody we know.
 */
static struct storage *
rx_storage(struct conn *c, const struct smb2_hdr *hdr)
{
	struct chan *ch      = hdr ? chan_find(c, hdr->session_id) : NULL;
	const struct tree *t = ch ? tree_find(ch->session, hdr->tree_id) : NULL;

	return t ? t->at : c->worker->storages[c->recent];
}

/* In the arena if there is room, else in memory of our own: half a frame must not wait. */
static bool
rx_bulk_alloc(struct conn *c, size_t n, struct storage *at)
{
	if (at && !nt_failed(bulk_alloc(c, at, n, &c->rx.bulk)))
		return true;
	return !nt_failed(bulk_alloc_private(n, &c->rx.bulk));
}

void
rx_bulk_begin(struct conn *c, const uint8_t *p, size_t n, uint32_t len)
{
	struct rx *rx  = &c->rx;
	uint32_t off   = 0;
	bool transform = smb2_kind_of(SPAN(p, n)) == SMB2_KIND_TRANSFORM;
	struct smb2_hdr hdr;
	bool write  = !transform && rx_is_write(SPAN(p, n < RX_PEEK ? n : RX_PEEK), len, &hdr, &off);
	size_t head = transform ? SMB2_TRANSFORM_SIZE : off;

	if (!rx_bulk_alloc(c, len - head,
		transform || write ? rx_storage(c, write ? &hdr : NULL) : NULL)) {
		conn_close(c, "no memory");
		return;
	}
	memcpy(rx->head, p, head);
	memcpy(rx->bulk.p, p + head, n - head);
	rx->head_n = head;
	rx->want   = len - head;
	rx->have   = n - head;
	rx->sealed = transform;
}

/* What is in an opened bulk is a WRITE, or must be copied out before it is looked at. */
static void
rx_sealed_end(struct conn *c, struct bulk *b, size_t n)
{
	struct chan *ch = rx_unseal(c, c->rx.head, (struct iovec){ b->p, n });
	uint8_t head[RX_PEEK];
	struct frame_in in = { .sealed = true, .chan = ch, .bulk = b };
	struct bulk own    = { 0 };
	struct smb2_hdr hdr;

	if (!ch) {
		conn_close(c, "an encrypted message that does not open");
		return;
	}
	memcpy(head, b->p, n < sizeof head ? n : sizeof head);
	if (rx_is_write(SPAN(head, n < sizeof head ? n : sizeof head), n, &hdr, &in.bulk_skip)) {
		in.bytes = SPAN(head, in.bulk_skip);
		frame_handle(c, &in);
	} else if (b->slot == SLOT_NONE) {
		rx_plain(c, SPAN(b->p, n), ch);
	} else if (nt_failed(bulk_alloc_private(n, &own))) {
		conn_close(c, "no memory");
	} else {
		memcpy(own.p, b->p, n);
		rx_plain(c, SPAN(own.p, n), ch);
		bulk_free(c->worker, &own);
	}
}

void
rx_bulk_end(struct conn *c)
{
	struct rx *rx      = &c->rx;
	struct bulk b      = rx->bulk;
	struct frame_in in = { .bytes = SPAN(rx->head, rx->head_n), .bulk = &b };
	size_t n           = rx->want;

	rx->bulk = (struct bulk){ 0 };
	rx->want = 0;
	rx->peek = true;
	if (rx->sealed)
		rx_sealed_end(c, &b, n);
	else if (rx->head_n > 0)
		frame_handle(c, &in);
	else
		rx_frame(c, b.p, n);
	bulk_free(c->worker, &b);
}
