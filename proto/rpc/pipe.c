/*
 * pipe.c - the server side of one RPC pipe: fragments in, one call at a time
 * out, answers cut into fragments.  [C706] 12.6, [MS-RPCE] 3.3.1.5
 */
#include "proto/rpc/pipe.h"

#include <stdio.h>

#include "base/fatal.h"

#define RESPONSE_HEADER 24

void
rpc_pipe_init(struct rpc_pipe *p, const struct rpc_iface *iface, uint32_t assoc_group)
{
	ENSURE(assoc_group != 0);
	memset(p, 0, offsetof(struct rpc_pipe, frag)); /* the buffers need no clearing */
	p->iface       = iface;
	p->assoc_group = assoc_group;
	p->state       = RPC_PIPE_FRESH;
}

/* A writer over the free part of out[]; unread bytes are moved to its front first. */
static struct wr
out_open(struct rpc_pipe *p)
{
	struct wr w;

	if (p->out_from > 0) {
		memmove(p->out, p->out + p->out_from, p->out_n);
		p->out_from = 0;
	}
	w     = wr_init(p->out, sizeof p->out);
	w.pos = p->out_n;
	return w;
}

/* Keeps what was written; a client that never reads has its pipe broken. */
static void
out_close(struct rpc_pipe *p, const struct wr *w)
{
	if (wr_ok(w))
		p->out_n = w->pos;
	else
		p->state = RPC_PIPE_BROKEN;
}

static void
fault_put(struct rpc_pipe *p, uint32_t status)
{
	struct wr w = out_open(p);

	rpc_fault_encode(&w, p->call_id, p->context_id, status);
	out_close(p, &w);
}

/* Binding. */

static struct rpc_verdict
context_judge(const struct rpc_pipe *p, const struct rpc_context *c)
{
	const struct rpc_syntax *ours = &p->iface->syntax;

	if (c->is_feature)
		return (struct rpc_verdict){ RPC_NEGOTIATE_ACK, 0 }; /* none of the features */
	if (!rpc_uuid_eq(&c->abstract.uuid, &ours->uuid) || c->abstract.version != ours->version)
		return (struct rpc_verdict){ RPC_PROVIDER_REJECTION, RPC_ABSTRACT_SYNTAX };
	if (!c->has_ndr32)
		return (struct rpc_verdict){ RPC_PROVIDER_REJECTION, RPC_TRANSFER_SYNTAXES };
	if (p->context_count == RPC_CONTEXTS_MAX)
		return (struct rpc_verdict){ RPC_PROVIDER_REJECTION, RPC_REASON_NONE };
	return (struct rpc_verdict){ RPC_ACCEPTED, RPC_REASON_NONE };
}

static bool
context_known(const struct rpc_pipe *p, uint16_t id)
{
	for (unsigned i = 0; i < p->context_count; i++) {
		if (p->contexts[i] == id)
			return true;
	}
	return false;
}

static void
contexts_add(struct rpc_pipe *p, const struct rpc_bind *bind, struct rpc_bind_ack *ack)
{
	ack->count = bind->count;
	for (unsigned i = 0; i < bind->count; i++) {
		ack->verdicts[i] = context_judge(p, &bind->contexts[i]);
		if (ack->verdicts[i].result == RPC_ACCEPTED &&
		    !context_known(p, bind->contexts[i].id))
			p->contexts[p->context_count++] = bind->contexts[i].id;
	}
}

static uint16_t
least(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

static nt
bind_take(struct rpc_pipe *p, const struct rpc_header *h, struct span pdu)
{
	bool first		= h->ptype == RPC_BIND;
	struct rpc_bind_ack ack = { .ptype = first ? RPC_BIND_ACK : RPC_ALTER_RESP };
	struct rpc_bind bind;
	char address[64] = "";
	struct wr w	 = out_open(p);

	TRY(rpc_bind_decode(pdu, &bind));
	if (h->auth_length > 0 || bind.max_recv < RPC_FRAG_MIN) {
		rpc_bind_nak_encode(&w, h->call_id,
				    h->auth_length > 0 ? RPC_NAK_AUTH_TYPE : RPC_NAK_LIMIT);
		out_close(p, &w);
		return STATUS_SUCCESS;
	}
	if (first) {
		(void)snprintf(address, sizeof address, "\\PIPE\\%s", p->iface->pipe);
		p->max_xmit = least(bind.max_recv, RPC_FRAG_MAX);
		p->state    = RPC_PIPE_BOUND;
	}
	ack.call_id	= h->call_id;
	ack.max_xmit	= p->max_xmit;
	ack.max_recv	= least(bind.max_xmit, RPC_FRAG_MAX);
	ack.assoc_group = p->assoc_group;
	ack.address	= address;
	contexts_add(p, &bind, &ack);
	rpc_bind_ack_encode(&w, &ack);
	out_close(p, &w);
	return STATUS_SUCCESS;
}

/* Requests. */

static const struct rpc_op *
op_find(const struct rpc_iface *iface, uint16_t opnum)
{
	for (size_t i = 0; i < iface->op_count; i++) {
		if (iface->ops[i].opnum == opnum)
			return &iface->ops[i];
	}
	return NULL;
}

static void
request_complete(struct rpc_pipe *p)
{
	p->in_request = false;
	if (!context_known(p, p->context_id))
		fault_put(p, RPC_NCA_UNK_IF);
	else if (!op_find(p->iface, p->opnum))
		fault_put(p, RPC_NCA_OP_RNG_ERROR);
	else
		p->state = RPC_PIPE_CALLED;
}

static nt
request_take(struct rpc_pipe *p, const struct rpc_header *h, struct span pdu)
{
	struct rpc_request c;

	TRY(rpc_request_decode(pdu, &c));
	REQUIRE(h->auth_length == 0, STATUS_INVALID_PARAMETER);
	if (h->flags & RPC_FIRST_FRAG) {
		REQUIRE(!p->in_request, STATUS_INVALID_PARAMETER);
		p->in_request = true;
		p->call_id    = h->call_id;
		p->context_id = c.context_id;
		p->opnum      = c.opnum;
		p->stub_n     = 0;
	}
	REQUIRE(p->in_request && h->call_id == p->call_id, STATUS_INVALID_PARAMETER);
	REQUIRE(c.context_id == p->context_id && c.opnum == p->opnum, STATUS_INVALID_PARAMETER);
	REQUIRE(c.stub.n <= sizeof p->stub - p->stub_n, STATUS_INVALID_PARAMETER);
	if (c.stub.n > 0)
		memcpy(p->stub + p->stub_n, c.stub.p, c.stub.n);
	p->stub_n += c.stub.n;
	if (h->flags & RPC_LAST_FRAG)
		request_complete(p);
	return STATUS_SUCCESS;
}

static nt
pdu_take(struct rpc_pipe *p, const struct rpc_header *h, struct span pdu)
{
	switch (h->ptype) {
	case RPC_BIND:
		REQUIRE(p->state == RPC_PIPE_FRESH, STATUS_INVALID_PARAMETER);
		return bind_take(p, h, pdu);
	case RPC_ALTER_CONTEXT:
		REQUIRE(p->state == RPC_PIPE_BOUND && !p->in_request, STATUS_INVALID_PARAMETER);
		return bind_take(p, h, pdu);
	case RPC_REQUEST:
		REQUIRE(p->state == RPC_PIPE_BOUND, STATUS_INVALID_PARAMETER);
		return request_take(p, h, pdu);
	case RPC_CANCEL:
	case RPC_ORPHANED:
		return STATUS_SUCCESS; /* calls are too short to stop */
	default:
		return STATUS_INVALID_PARAMETER;
	}
}

/* Takes bytes towards a whole PDU of frag[]; *ret_n is how many. */
static nt
frag_feed(struct rpc_pipe *p, struct span bytes, size_t *ret_n)
{
	struct rpc_header h;
	size_t want = RPC_HEADER_SIZE;
	size_t n;

	if (p->frag_n >= RPC_HEADER_SIZE) {
		TRY(rpc_header_decode(SPAN(p->frag, p->frag_n), &h));
		REQUIRE(h.frag_length <= sizeof p->frag, STATUS_INVALID_PARAMETER);
		want = h.frag_length;
	}
	n = want - p->frag_n < bytes.n ? want - p->frag_n : bytes.n;
	memcpy(p->frag + p->frag_n, bytes.p, n);
	p->frag_n += n;
	*ret_n = n;
	if (p->frag_n < RPC_HEADER_SIZE)
		return STATUS_SUCCESS;
	TRY(rpc_header_decode(SPAN(p->frag, p->frag_n), &h));
	if (p->frag_n < h.frag_length)
		return STATUS_SUCCESS;
	p->frag_n = 0;
	return pdu_take(p, &h, SPAN(p->frag, h.frag_length));
}

nt
rpc_pipe_write(struct rpc_pipe *p, struct span bytes)
{
	size_t n = 0;

	REQUIRE(p->state != RPC_PIPE_BROKEN, STATUS_PIPE_BROKEN);
	REQUIRE(p->state != RPC_PIPE_CALLED, STATUS_PIPE_BUSY);
	while (bytes.n > 0 && p->state != RPC_PIPE_BROKEN) {
		if (p->state == RPC_PIPE_CALLED || !nt_ok(frag_feed(p, bytes, &n)))
			p->state = RPC_PIPE_BROKEN;
		bytes = SPAN(bytes.p + n, bytes.n - n);
	}
	return p->state == RPC_PIPE_BROKEN ? STATUS_PIPE_BROKEN : STATUS_SUCCESS;
}

bool
rpc_pipe_call(const struct rpc_pipe *p, struct rpc_call *ret)
{
	if (p->state != RPC_PIPE_CALLED)
		return false;
	*ret = (struct rpc_call){ .iface = p->iface,
				  .op	 = op_find(p->iface, p->opnum),
				  .stub	 = SPAN(p->stub, p->stub_n) };
	return true;
}

void
rpc_pipe_fault(struct rpc_pipe *p, uint32_t status)
{
	ENSURE(p->state == RPC_PIPE_CALLED);
	p->state = RPC_PIPE_BOUND;
	fault_put(p, status);
}

/* Every fragment but the last carries a multiple of 8 stub bytes, [C706] 12.6.2. */
static void
fragments_put(const struct rpc_pipe *p, struct wr *w, struct span stub)
{
	const size_t most = (size_t)(p->max_xmit - RESPONSE_HEADER) / 8 * 8;
	struct rd r	  = rd_init(stub);
	uint8_t flags	  = RPC_FIRST_FRAG;

	do {
		size_t n = rd_left(&r) < most ? rd_left(&r) : most;

		if (n == rd_left(&r))
			flags |= RPC_LAST_FRAG;
		rpc_response_encode(w, p->call_id, flags, p->context_id, rd_bytes(&r, n));
		flags = 0;
	} while (rd_left(&r) > 0 && wr_ok(w));
}

void
rpc_pipe_reply(struct rpc_pipe *p, struct span stub)
{
	struct wr w = out_open(p);

	ENSURE(p->state == RPC_PIPE_CALLED);
	p->state = RPC_PIPE_BOUND;
	if (stub.n > RPC_STUB_MAX)
		w.bad = true;
	fragments_put(p, &w, stub);
	if (wr_ok(&w))
		p->out_n = w.pos;
	else
		fault_put(p, RPC_OUT_OF_MEMORY);
}

size_t
rpc_pipe_read(struct rpc_pipe *p, void *dst, size_t cap, bool *ret_more)
{
	struct rpc_header h;
	size_t n;

	*ret_more = false;
	if (p->out_n == 0)
		return 0;
	if (p->pdu_left == 0) {
		ENSURE(nt_ok(rpc_header_decode(SPAN(p->out + p->out_from, p->out_n), &h)));
		p->pdu_left = h.frag_length;
	}
	ENSURE(p->pdu_left <= p->out_n);
	n = cap < p->pdu_left ? cap : p->pdu_left;
	memcpy(dst, p->out + p->out_from, n);
	p->out_from += n;
	p->out_n -= n;
	p->pdu_left -= n;
	*ret_more = p->pdu_left > 0;
	return n;
}

size_t
rpc_pipe_unread(const struct rpc_pipe *p)
{
	return p->out_n;
}
