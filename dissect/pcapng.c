/*
 * pcapng.c - sections, interfaces, packets; every other block is passed over.
 * [draft-ietf-opsawg-pcapng] 4
 */
#include "dissect/pcap_parts.h"

#define ORDER_MAGIC 0x1A2B3C4Du

enum block_type {
	BLOCK_INTERFACE	      = 1,
	BLOCK_PACKET	      = 2, /* obsolete */
	BLOCK_SIMPLE	      = 3,
	BLOCK_ENHANCED_PACKET = 6,
};

enum option_code { OPTION_END = 0, OPTION_TSRESOL = 9 };

/* Block types and lengths are in the order that the last section header says. */
static bool
section_begin(struct pcap *p)
{
	struct rd r;
	uint32_t length, order;

	if (!pcap_fill(p, 8))
		return false;
	r	   = rd_init(SPAN(p->record, 8));
	length	   = rd_u32(&r);
	order	   = rd_u32(&r);
	p->swapped = order == __builtin_bswap32(ORDER_MAGIC);
	if (!p->swapped && order != ORDER_MAGIC)
		return false;
	length		= p->swapped ? __builtin_bswap32(length) : length;
	p->n_interfaces = 0;
	return length >= 28 && length % 4 == 0 && length <= RECORD_MAX && pcap_fill(p, length - 12);
}

/* Ticks per second: a power of ten, or with the high bit set of two. */
static uint64_t
resolution(uint8_t v)
{
	uint64_t per_second = 1;

	if (v & 0x80)
		return 1ull << ((v & 0x7f) < 63 ? v & 0x7f : 63);
	for (uint8_t i = 0; i < v && i < 19; i++)
		per_second *= 10;
	return per_second;
}

static void
interface_add(struct pcap *p, struct rd r)
{
	struct interface *i = &p->interfaces[p->n_interfaces];
	uint16_t code, n;

	if (p->n_interfaces == INTERFACES_MAX)
		return;
	p->n_interfaces++;
	i->link	      = pcap_u16(p, &r);
	(void)pcap_u16(p, &r);
	i->snaplen    = pcap_u32(p, &r);
	i->per_second = 1000000;
	while (rd_left(&r) >= 4) {
		code = pcap_u16(p, &r);
		n    = pcap_u16(p, &r);
		if (code == OPTION_END)
			break;
		if (code == OPTION_TSRESOL && n == 1 && rd_left(&r) >= 4) {
			i->per_second = resolution(rd_u8(&r));
			rd_zero(&r, 3);
			continue;
		}
		rd_zero(&r, (n + 3u) & ~3u);
	}
}

static bool
simple_packet(struct pcap *p, struct rd r, struct packet *ret)
{
	size_t n;

	if (p->n_interfaces == 0)
		return false;
	ret->length = pcap_u32(p, &r);
	n	    = ret->length < rd_left(&r) ? ret->length : rd_left(&r);
	if (p->interfaces[0].snaplen > 0 && n > p->interfaces[0].snaplen)
		n = p->interfaces[0].snaplen;
	ret->time  = 0;
	ret->link  = p->interfaces[0].link;
	ret->bytes = rd_bytes(&r, n);
	return rd_ok(&r);
}

static bool
enhanced_packet(struct pcap *p, struct rd r, bool obsolete, struct packet *ret)
{
	uint32_t id = obsolete ? pcap_u16(p, &r) : pcap_u32(p, &r);
	uint32_t hi, lo, n;

	if (obsolete)
		(void)pcap_u16(p, &r);
	hi	    = pcap_u32(p, &r);
	lo	    = pcap_u32(p, &r);
	n	    = pcap_u32(p, &r);
	ret->length = pcap_u32(p, &r);
	ret->bytes  = rd_bytes(&r, n);
	if (!rd_ok(&r) || id >= p->n_interfaces)
		return false;
	ret->time = pcap_ns((uint64_t)hi << 32 | lo, p->interfaces[id].per_second);
	ret->link = p->interfaces[id].link;
	return true;
}

static bool
block_is_packet(struct pcap *p, uint32_t type, struct rd r, struct packet *ret)
{
	switch (type) {
	case BLOCK_INTERFACE:
		interface_add(p, r);
		return false;
	case BLOCK_SIMPLE:
		return simple_packet(p, r, ret);
	case BLOCK_PACKET:
	case BLOCK_ENHANCED_PACKET:
		return enhanced_packet(p, r, type == BLOCK_PACKET, ret);
	default:
		return false; /* names, statistics, secrets: nothing for us */
	}
}

enum pcap_result
pcapng_next(struct pcap *p, struct packet *ret)
{
	uint32_t type, length;
	struct rd r;
	size_t got;

	if (!p->begun && !section_begin(p))
		return pcap_broken(p, "no section header");
	p->begun = true;
	for (;;) {
		got = p->source.read(p->source.ctx, p->record, 4);
		if (got == 0)
			return PCAP_END;
		r    = rd_init(SPAN(p->record, got));
		type = pcap_u32(p, &r);
		if (!rd_ok(&r))
			return pcap_broken(p, "a block is cut short");
		if (type == MAGIC_NG) {
			if (!section_begin(p))
				return pcap_broken(p, "no section header");
			continue;
		}
		if (!pcap_fill(p, 4))
			return pcap_broken(p, "a block is cut short");
		r      = rd_init(SPAN(p->record, 4));
		length = pcap_u32(p, &r);
		if (length < 12 || length % 4 != 0 || length > RECORD_MAX)
			return pcap_broken(p, "a block has an impossible length");
		if (!pcap_fill(p, length - 8))
			return pcap_broken(p, "a block is cut short");
		if (block_is_packet(p, type, rd_init(SPAN(p->record, length - 12)), ret))
			return PCAP_PACKET;
	}
}
