/*
 * link.c - link layer, IP, TCP.  [RFC 791] 3.1, [RFC 8200] 3 and 4, [RFC 9293] 3.1
 */
#include "dissect/link.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86DD
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88A8

#define PROTOCOL_TCP   6
#define EXTENSIONS_MAX 8
#define VLAN_MAX       3

static uint16_t
rd_u16be(struct rd *r)
{
	uint16_t v = rd_u16(r);

	return (uint16_t)(v << 8 | v >> 8);
}

/* ---- TCP ---- */

/* r: the IP payload as captured; n: its length on the wire. */
static enum link_result
tcp_read(struct rd *r, size_t n, struct segment *s)
{
	uint8_t head;

	s->from.port = rd_u16be(r);
	s->to.port   = rd_u16be(r);
	s->seq	     = rd_u32be(r);
	rd_zero(r, 4);
	head	 = (uint8_t)((rd_u8(r) >> 4) * 4);
	s->flags = rd_u8(r);
	rd_zero(r, 6);
	if (head < 20 || head > n)
		return LINK_OTHER;
	rd_zero(r, head - 20u);
	if (!rd_ok(r))
		return LINK_OTHER;
	n -= head;
	s->payload = rd_bytes(r, n < rd_left(r) ? n : rd_left(r));
	s->missing = (uint32_t)(n - s->payload.n);
	return LINK_SEGMENT;
}

/* ---- IP ---- */

/* wire: bytes that the packet had from here on; lengths of 0 come from offloading hardware. */
static enum link_result
ipv4_read(struct rd r, size_t wire, struct segment *s)
{
	uint8_t head = (uint8_t)((rd_u8(&r) & 0x0f) * 4);
	uint16_t total, fragment;
	uint8_t protocol;

	rd_zero(&r, 1);
	total = rd_u16be(&r);
	rd_zero(&r, 2);
	fragment = rd_u16be(&r);
	rd_zero(&r, 1);
	protocol = rd_u8(&r);
	rd_zero(&r, 2);
	s->from.n = s->to.n = 4;
	rd_copy(&r, s->from.address, 4);
	rd_copy(&r, s->to.address, 4);
	if (!rd_ok(&r) || head < 20 || protocol != PROTOCOL_TCP)
		return LINK_OTHER;
	if (fragment & 0x3fff)
		return LINK_FRAGMENT;
	rd_zero(&r, head - 20u);
	if (total == 0)
		total = wire < UINT16_MAX ? (uint16_t)wire : UINT16_MAX;
	if (!rd_ok(&r) || total < head || total > wire)
		return LINK_OTHER;
	return tcp_read(&r, total - head, s);
}

/* Over extension headers; false if what comes is not TCP.  4 */
static bool
extensions_skip(struct rd *r, uint8_t next, size_t *n, bool *fragment)
{
	for (int i = 0; i < EXTENSIONS_MAX && next != PROTOCOL_TCP; i++) {
		bool is_fragment = next == 44;
		size_t size;

		if (next != 0 && next != 43 && next != 60 && !is_fragment)
			return false;
		next = rd_u8(r);
		size = 8 + 8u * rd_u8(r);
		if (is_fragment) {
			size	   = 8; /* the byte is reserved there */
			*fragment |= (rd_u16be(r) & 0xfff9) != 0;
		}
		rd_zero(r, size - (is_fragment ? 4 : 2));
		if (!rd_ok(r) || size > *n)
			return false;
		*n -= size;
	}
	return next == PROTOCOL_TCP;
}

static enum link_result
ipv6_read(struct rd r, size_t wire, struct segment *s)
{
	bool fragment = false;
	uint8_t next;
	size_t n;

	rd_zero(&r, 4);
	n    = rd_u16be(&r);
	next = rd_u8(&r);
	rd_zero(&r, 1);
	s->from.n = s->to.n = 16;
	rd_copy(&r, s->from.address, 16);
	rd_copy(&r, s->to.address, 16);
	if (!rd_ok(&r) || wire < 40)
		return LINK_OTHER;
	if (n == 0)
		n = wire - 40;
	if (n > wire - 40 || !extensions_skip(&r, next, &n, &fragment))
		return LINK_OTHER;
	return fragment ? LINK_FRAGMENT : tcp_read(&r, n, s);
}

static enum link_result
ip_read(struct rd r, size_t wire, struct segment *s)
{
	struct rd first = r;

	switch (rd_u8(&first) >> 4) {
	case 4:
		return ipv4_read(r, wire, s);
	case 6:
		return ipv6_read(r, wire, s);
	default:
		return LINK_OTHER;
	}
}

/* ---- link layers: each leaves r at the IP header, or says that there is none ---- */

static bool
ethertype_is_ip(struct rd *r, uint16_t type)
{
	for (int i = 0; i < VLAN_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ); i++) {
		rd_zero(r, 2);
		type = rd_u16be(r);
	}
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

static bool
ethernet_skip(struct rd *r)
{
	rd_zero(r, 12);
	return ethertype_is_ip(r, rd_u16be(r));
}

static bool
sll_skip(struct rd *r)
{
	rd_zero(r, 14);
	return ethertype_is_ip(r, rd_u16be(r));
}

static bool
sll2_skip(struct rd *r)
{
	uint16_t type = rd_u16be(r);

	rd_zero(r, 18);
	return ethertype_is_ip(r, type);
}

/* Its four bytes are an address family in some machine's numbers and order; IP tells itself. */
static bool
loopback_skip(struct rd *r)
{
	rd_zero(r, 4);
	return true;
}

static bool
link_skip(struct rd *r, uint32_t link)
{
	switch (link) {
	case LINK_ETHERNET:
		return ethernet_skip(r);
	case LINK_SLL:
		return sll_skip(r);
	case LINK_SLL2:
		return sll2_skip(r);
	case LINK_NULL:
	case LINK_LOOP:
		return loopback_skip(r);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return true;
	default:
		return false;
	}
}

enum link_result
link_segment(const struct packet *p, struct segment *ret)
{
	struct segment s = { 0 };
	struct rd r	 = rd_init(p->bytes);
	size_t wire	 = p->length > p->bytes.n ? p->length : p->bytes.n;
	enum link_result result;

	if (!link_skip(&r, p->link) || !rd_ok(&r))
		return LINK_OTHER;
	result = ip_read(r, wire - r.pos, &s);
	if (result == LINK_SEGMENT)
		*ret = s;
	return result;
}
