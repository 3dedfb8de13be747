/*
 * pdu.c - DCE/RPC PDUs, decoded and encoded.  [C706] 12.6.4
 */
#include "proto/rpc/pdu.h"

#define RPC_VERSION    5
#define REPRESENTATION 0x00000010u /* little-endian, ASCII, IEEE */
#define SYNTAX_SIZE    20
#define SEC_TRAILER    8

const struct rpc_syntax rpc_ndr32 = { { { 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f,
					  0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60 } },
				      2 };

/* The fixed half of the UUIDs that stand for feature bits, [MS-RPCE] 3.3.1.5.3. */
static const uint8_t feature_prefix[] = { 0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45 };

bool
rpc_uuid_eq(const struct rpc_uuid *a, const struct rpc_uuid *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static struct rpc_header
header_read(struct rd *r)
{
	struct rpc_header c = { 0 };

	r->bad |= rd_u8(r) != RPC_VERSION;
	r->bad |= rd_u8(r) > 1;
	c.ptype = rd_u8(r);
	c.flags = rd_u8(r);
	r->bad |= (rd_u32(r) & 0xff) != REPRESENTATION;
	c.frag_length = rd_u16(r);
	c.auth_length = rd_u16(r);
	c.call_id     = rd_u32(r);
	r->bad |= c.frag_length < RPC_HEADER_SIZE;
	return c;
}

nt
rpc_header_decode(struct span s, struct rpc_header *ret)
{
	struct rd r	    = rd_init(s);
	struct rpc_header c = header_read(&r);

	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* A reader behind the header and before an authentication trailer. */
static struct rd
pdu_open(struct span pdu, struct rpc_header *ret)
{
	struct rd r = rd_init(pdu);
	size_t trailer;

	*ret = header_read(&r);
	r.bad |= ret->frag_length != pdu.n;
	trailer = ret->auth_length > 0 ? (size_t)ret->auth_length + SEC_TRAILER : 0;
	if (trailer > rd_left(&r))
		r.bad = true;
	else
		r.end -= trailer;
	return r;
}

static struct rpc_syntax
syntax_read(struct rd *r)
{
	struct rpc_syntax c;

	rd_copy(r, c.uuid.b, sizeof c.uuid.b);
	c.version = rd_u32(r);
	return c;
}

static void
syntax_put(struct wr *w, const struct rpc_syntax *s)
{
	wr_bytes(w, s->uuid.b, sizeof s->uuid.b);
	wr_u32(w, s->version);
}

static void
context_read(struct rd *r, struct rpc_context *c)
{
	uint8_t transfers;

	c->id	  = rd_u16(r);
	transfers = rd_u8(r);
	rd_zero(r, 1);
	c->abstract = syntax_read(r);
	for (unsigned i = 0; i < transfers && rd_ok(r); i++) {
		struct rpc_syntax t = syntax_read(r);

		c->has_ndr32 |=
		    rpc_uuid_eq(&t.uuid, &rpc_ndr32.uuid) && t.version == rpc_ndr32.version;
		c->is_feature |= memcmp(t.uuid.b, feature_prefix, sizeof feature_prefix) == 0;
	}
}

nt
rpc_bind_decode(struct span pdu, struct rpc_bind *ret)
{
	struct rpc_bind c = { 0 };
	struct rpc_header h;
	struct rd r = pdu_open(pdu, &h);

	c.max_xmit    = rd_u16(&r);
	c.max_recv    = rd_u16(&r);
	c.assoc_group = rd_u32(&r);
	c.count	      = rd_u8(&r);
	rd_zero(&r, 3);
	REQUIRE(rd_ok(&r) && c.count >= 1 && c.count <= RPC_CONTEXTS_MAX, STATUS_INVALID_PARAMETER);
	for (unsigned i = 0; i < c.count; i++)
		context_read(&r, &c.contexts[i]);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
rpc_request_decode(struct span pdu, struct rpc_request *ret)
{
	struct rpc_request c;
	struct rpc_header h;
	struct rd r = pdu_open(pdu, &h);

	rd_zero(&r, 4); /* alloc_hint: a hint from a stranger */
	c.context_id = rd_u16(&r);
	c.opnum	     = rd_u16(&r);
	if (h.flags & RPC_OBJECT)
		rd_zero(&r, 16);
	c.stub = rd_rest(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
rpc_response_decode(struct span pdu, struct rpc_response *ret)
{
	struct rpc_response c = { 0 };
	struct rpc_header h;
	struct rd r = pdu_open(pdu, &h);

	rd_zero(&r, 4);
	c.context_id = rd_u16(&r);
	rd_zero(&r, 2);
	if (h.ptype == RPC_FAULT)
		c.status = rd_u32(&r);
	c.stub = rd_rest(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(h.ptype == RPC_FAULT || h.ptype == RPC_RESPONSE, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
rpc_bind_ack_decode(struct span pdu, struct rpc_bind_ack *ret)
{
	struct rpc_bind_ack c = { .address = "" };
	struct rpc_header h;
	struct rd r = pdu_open(pdu, &h);

	c.ptype	      = h.ptype;
	c.call_id     = h.call_id;
	c.max_xmit    = rd_u16(&r);
	c.max_recv    = rd_u16(&r);
	c.assoc_group = rd_u32(&r);
	rd_zero(&r, rd_u16(&r));
	rd_align(&r, 4);
	c.count = rd_u8(&r);
	rd_zero(&r, 3);
	REQUIRE(rd_ok(&r) && c.count <= RPC_CONTEXTS_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(h.ptype == RPC_BIND_ACK || h.ptype == RPC_ALTER_RESP, STATUS_INVALID_PARAMETER);
	for (unsigned i = 0; i < c.count; i++) {
		c.verdicts[i].result = rd_u16(&r);
		c.verdicts[i].reason = rd_u16(&r);
		rd_zero(&r, SYNTAX_SIZE);
	}
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Encoding: the header first, its length at the end. */

static size_t
pdu_begin(struct wr *w, uint8_t ptype, uint8_t flags, uint32_t call_id)
{
	size_t start = w->pos;

	wr_u8(w, RPC_VERSION);
	wr_u8(w, 0);
	wr_u8(w, ptype);
	wr_u8(w, flags);
	wr_u32(w, REPRESENTATION);
	wr_u32(w, 0); /* frag_length, by pdu_end(); no auth_length */
	wr_u32(w, call_id);
	return start;
}

static void
pdu_end(struct wr *w, size_t start)
{
	size_t n = w->pos - start;

	if (n > RPC_FRAG_MAX)
		w->bad = true;
	wr_patch16(w, start + 8, (uint16_t)n);
}

void
rpc_bind_encode(struct wr *w, uint32_t call_id, const struct rpc_syntax *abstract)
{
	size_t start = pdu_begin(w, RPC_BIND, RPC_FIRST_FRAG | RPC_LAST_FRAG, call_id);

	wr_u16(w, RPC_FRAG_MAX);
	wr_u16(w, RPC_FRAG_MAX);
	wr_u32(w, 0);
	wr_u32(w, 1); /* one context … */
	wr_u16(w, 0);
	wr_u16(w, 1); /* … with one transfer syntax */
	syntax_put(w, abstract);
	syntax_put(w, &rpc_ndr32);
	pdu_end(w, start);
}

void
rpc_bind_ack_encode(struct wr *w, const struct rpc_bind_ack *c)
{
	static const struct rpc_syntax none = { 0 };
	size_t start = pdu_begin(w, c->ptype, RPC_FIRST_FRAG | RPC_LAST_FRAG, c->call_id);
	size_t n     = strlen(c->address) + 1;

	wr_u16(w, c->max_xmit);
	wr_u16(w, c->max_recv);
	wr_u32(w, c->assoc_group);
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, c->address, n);
	wr_zero(w, (4 - (w->pos - start) % 4) % 4);
	wr_u32(w, c->count);
	for (unsigned i = 0; i < c->count; i++) {
		wr_u16(w, c->verdicts[i].result);
		wr_u16(w, c->verdicts[i].reason);
		syntax_put(w, c->verdicts[i].result == RPC_ACCEPTED ? &rpc_ndr32 : &none);
	}
	pdu_end(w, start);
}

void
rpc_bind_nak_encode(struct wr *w, uint32_t call_id, uint16_t reason)
{
	size_t start = pdu_begin(w, RPC_BIND_NAK, RPC_FIRST_FRAG | RPC_LAST_FRAG, call_id);

	wr_u16(w, reason);
	wr_u8(w, 1); /* versions supported: 5.0 */
	wr_u8(w, RPC_VERSION);
	wr_u8(w, 0);
	pdu_end(w, start);
}

void
rpc_fault_encode(struct wr *w, uint32_t call_id, uint16_t context_id, uint32_t status)
{
	const uint8_t flags = RPC_FIRST_FRAG | RPC_LAST_FRAG | RPC_DID_NOT_EXECUTE;
	size_t start	    = pdu_begin(w, RPC_FAULT, flags, call_id);

	wr_u32(w, 0);
	wr_u16(w, context_id);
	wr_u16(w, 0);
	wr_u32(w, status);
	wr_u32(w, 0);
	pdu_end(w, start);
}

void
rpc_request_encode(struct wr *w, uint32_t call_id, uint8_t flags, uint16_t opnum, struct span stub)
{
	size_t start = pdu_begin(w, RPC_REQUEST, flags, call_id);

	wr_u32(w, (uint32_t)stub.n);
	wr_u16(w, 0); /* the one context of rpc_bind_encode() */
	wr_u16(w, opnum);
	wr_span(w, stub);
	pdu_end(w, start);
}

void
rpc_response_encode(struct wr *w, uint32_t call_id, uint8_t flags, uint16_t context_id,
		    struct span stub)
{
	size_t start = pdu_begin(w, RPC_RESPONSE, flags, call_id);

	wr_u32(w, (uint32_t)stub.n);
	wr_u16(w, context_id);
	wr_u16(w, 0);
	wr_span(w, stub);
	pdu_end(w, start);
}
