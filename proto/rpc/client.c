/*
 * client.c - binding, calling, and putting answers together.  See client.h.
 */
#include "proto/rpc/client.h"

#define REQUEST_HEAD 24u /* header, alloc_hint, context, opnum */
#define TRAILER	     8u
#define PAD_TO	     16u /* [MS-RPCE] 2.2.2.11: a multiple of 4 would do */

static const nt nonsense = { NT_UNEXPECTED_NETWORK_ERROR };

void
rpc_client_init(struct rpc_client *c, const struct rpc_syntax *abstract,
		const struct rpc_auth *auth, void *room, size_t cap)
{
	*c = (struct rpc_client){
		.abstract = *abstract,
		.auth	  = auth,
		.max_xmit = RPC_FRAG_MIN,
		.room	  = room,
		.cap	  = cap,
	};
}

size_t
rpc_client_room(size_t n)
{
	const size_t least = (RPC_FRAG_MIN - REQUEST_HEAD) / 2;

	return n + (n / least + 1) * (RPC_FRAG_MIN / 2);
}

struct span
rpc_client_stub(const struct rpc_client *c)
{
	return SPAN(c->room, c->stub_n);
}

/* ---- sending ---- */

/* [MS-RPCE] 2.2.2.11 sec_trailer */
static void
trailer_put(struct wr *w, const struct rpc_auth *a, size_t pad)
{
	wr_u8(w, a->type);
	wr_u8(w, a->level);
	wr_u8(w, (uint8_t)pad);
	wr_u8(w, 0);
	wr_u32(w, a->context_id);
}

static void
lengths_patch(struct wr *w, size_t start, size_t auth_length)
{
	wr_patch16(w, start + 8, (uint16_t)(w->pos - start));
	wr_patch16(w, start + 10, (uint16_t)auth_length);
}

void
rpc_client_bind(struct rpc_client *c, struct wr *w)
{
	size_t start = w->pos;
	size_t pad;

	rpc_bind_encode(w, ++c->call_id, &c->abstract);
	if (c->auth) {
		pad = (4 - (w->pos - start) % 4) % 4;
		wr_zero(w, pad);
		trailer_put(w, c->auth, pad);
		wr_span(w, c->auth->bind_token);
		lengths_patch(w, start, c->auth->bind_token.n);
	}
	c->state = RPC_CLIENT_BINDING;
}

/* Pads and encrypts the stub that begins at from; appends trailer and token. */
static void
fragment_seal(struct rpc_client *c, struct wr *w, size_t start, size_t from)
{
	const struct rpc_auth *a = c->auth;
	size_t pad		 = (PAD_TO - (w->pos - from) % PAD_TO) % PAD_TO;
	size_t body_n;
	uint8_t *token;

	wr_zero(w, pad);
	body_n = w->pos - from;
	trailer_put(w, a, pad);
	token = wr_take(w, a->token_size);
	lengths_patch(w, start, a->token_size);
	if (token && nt_failed(a->seal(a->ctx, w->base + from, body_n, token)))
		w->bad = true;
}

static void
fragment_put(struct rpc_client *c, struct wr *w, uint8_t flags, uint16_t opnum, struct span part)
{
	size_t start = w->pos;

	rpc_request_encode(w, c->call_id, flags, opnum, part);
	if (c->auth)
		fragment_seal(c, w, start, start + REQUEST_HEAD);
}

/* The most stub bytes of one fragment: whole blocks, so that only the last one is padded. */
static size_t
fragment_room(const struct rpc_client *c)
{
	size_t most = c->max_xmit - REQUEST_HEAD;

	if (c->auth)
		most -= TRAILER + c->auth->token_size;
	return most - most % PAD_TO;
}

void
rpc_client_call(struct rpc_client *c, struct wr *w, uint16_t opnum, struct span stub)
{
	const size_t most = fragment_room(c);
	size_t done	  = 0;

	w->bad |= c->state != RPC_CLIENT_IDLE;
	c->call_id++;
	do {
		size_t n      = stub.n - done < most ? stub.n - done : most;
		uint8_t flags = (uint8_t)((done == 0 ? RPC_FIRST_FRAG : 0) |
					  (done + n == stub.n ? RPC_LAST_FRAG : 0));

		fragment_put(c, w, flags, opnum, SPAN(n > 0 ? stub.p + done : NULL, n));
		done += n;
	} while (done < stub.n && wr_ok(w));
	c->state    = RPC_CLIENT_CALLING;
	c->stub_n   = 0;
	c->in_reply = false;
}

/* ---- receiving ---- */

static nt
bound_take(struct rpc_client *c, const struct rpc_header *h, struct span pdu, enum rpc_event *ret)
{
	struct rpc_bind_ack ack;

	REQUIRE(h->ptype != RPC_BIND_NAK && h->ptype != RPC_FAULT, STATUS_NOT_SUPPORTED);
	REQUIRE(h->ptype == RPC_BIND_ACK, nonsense);
	REQUIRE(nt_ok(rpc_bind_ack_decode(pdu, &ack)) && ack.count == 1, nonsense);
	REQUIRE(ack.verdicts[0].result == RPC_ACCEPTED, STATUS_NOT_SUPPORTED);
	REQUIRE(ack.max_recv >= RPC_FRAG_MIN, nonsense);
	c->max_xmit = ack.max_recv < RPC_FRAG_MAX ? ack.max_recv : RPC_FRAG_MAX;
	c->state    = RPC_CLIENT_IDLE;
	*ret	    = RPC_EVENT_BOUND;
	return STATUS_SUCCESS;
}

/* Where the sealed part of a response stands in frag[]; ret: its stub, in clear. */
static nt
response_unseal(struct rpc_client *c, const struct rpc_header *h, struct span *ret)
{
	const struct rpc_auth *a = c->auth;
	size_t tail		 = TRAILER + a->token_size;
	struct rd r;
	size_t body_n;
	uint8_t type, level, pad;

	REQUIRE(h->auth_length == a->token_size, nonsense);
	REQUIRE(h->frag_length >= REQUEST_HEAD + tail, nonsense);
	body_n = h->frag_length - REQUEST_HEAD - tail;
	r      = rd_init(SPAN(c->frag, h->frag_length));
	rd_zero(&r, REQUEST_HEAD + body_n);
	type  = rd_u8(&r);
	level = rd_u8(&r);
	pad   = rd_u8(&r);
	rd_zero(&r, 1);
	REQUIRE(rd_u32(&r) == a->context_id && type == a->type && level == a->level, nonsense);
	REQUIRE(rd_ok(&r) && pad <= body_n, nonsense);
	if (nt_failed(a->unseal(a->ctx, c->frag + REQUEST_HEAD, body_n, rd_rest(&r))))
		return nonsense;
	*ret = SPAN(c->frag + REQUEST_HEAD, body_n - pad);
	return STATUS_SUCCESS;
}

static nt
response_take(struct rpc_client *c, const struct rpc_header *h, struct span pdu,
	      enum rpc_event *ret)
{
	struct rpc_response rsp;

	REQUIRE(((h->flags & RPC_FIRST_FRAG) != 0) == !c->in_reply, nonsense);
	REQUIRE(nt_ok(rpc_response_decode(pdu, &rsp)) && rsp.context_id == 0, nonsense);
	if (c->auth)
		TRY(response_unseal(c, h, &rsp.stub));
	REQUIRE(rsp.stub.n <= c->cap - c->stub_n, nonsense);
	if (rsp.stub.n > 0)
		memcpy(c->room + c->stub_n, rsp.stub.p, rsp.stub.n);
	c->stub_n += rsp.stub.n;
	c->in_reply = true;
	if (h->flags & RPC_LAST_FRAG) {
		c->state = RPC_CLIENT_IDLE;
		*ret	 = RPC_EVENT_REPLY;
	}
	return STATUS_SUCCESS;
}

/*
 * A fault's status is not sealed even where the rest is: it can only fail the
 * call, which whoever sits on the wire can do as well.
 */
static nt
fault_take(struct rpc_client *c, struct span pdu, enum rpc_event *ret)
{
	struct rpc_response rsp;

	REQUIRE(nt_ok(rpc_response_decode(pdu, &rsp)), nonsense);
	c->fault  = rsp.status;
	c->stub_n = 0;
	c->state  = RPC_CLIENT_IDLE;
	*ret	  = RPC_EVENT_FAULT;
	return STATUS_SUCCESS;
}

static nt
pdu_take(struct rpc_client *c, const struct rpc_header *h, enum rpc_event *ret)
{
	struct span pdu = SPAN(c->frag, h->frag_length);

	REQUIRE(h->call_id == c->call_id, nonsense);
	if (c->state == RPC_CLIENT_BINDING)
		return bound_take(c, h, pdu, ret);
	REQUIRE(c->state == RPC_CLIENT_CALLING, nonsense);
	if (h->ptype == RPC_FAULT)
		return fault_take(c, pdu, ret);
	REQUIRE(h->ptype == RPC_RESPONSE, nonsense);
	return response_take(c, h, pdu, ret);
}

/* Moves bytes into frag[] until it holds want. */
static bool
frag_fill(struct rpc_client *c, struct span *bytes, size_t want)
{
	size_t n = want - c->frag_n;

	if (n > bytes->n)
		n = bytes->n;
	if (n > 0)
		memcpy(c->frag + c->frag_n, bytes->p, n);
	c->frag_n += n;
	*bytes = SPAN(n > 0 ? bytes->p + n : bytes->p, bytes->n - n);
	return c->frag_n == want;
}

nt
rpc_client_feed(struct rpc_client *c, struct span *bytes, enum rpc_event *ret)
{
	struct rpc_header h;

	*ret = RPC_EVENT_NONE;
	while (bytes->n > 0 && *ret == RPC_EVENT_NONE) {
		if (c->frag_n < RPC_HEADER_SIZE && !frag_fill(c, bytes, RPC_HEADER_SIZE))
			break;
		REQUIRE(nt_ok(rpc_header_decode(SPAN(c->frag, c->frag_n), &h)), nonsense);
		REQUIRE(h.frag_length <= sizeof c->frag, nonsense);
		if (!frag_fill(c, bytes, h.frag_length))
			break;
		c->frag_n = 0;
		TRY(pdu_take(c, &h, ret));
	}
	return STATUS_SUCCESS;
}
