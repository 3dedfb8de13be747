/*
 * pcap.c - the two formats of capture files.
 *
 * Every length is the file's word: a record may be as long as RECORD_MAX, no more,
 * and nothing is allocated after pcap_new().
 */
#include "dissect/pcap.h"

#include <stdlib.h>

#include "base/fatal.h"

#define RECORD_MAX     (1u << 20)
#define INTERFACES_MAX 64

#define MAGIC_MICRO 0xA1B2C3D4u
#define MAGIC_NANO  0xA1B23C4Du
#define MAGIC_NG    0x0A0D0D0Au /* the same in both orders */
#define ORDER_MAGIC 0x1A2B3C4Du

enum block_type {
	BLOCK_INTERFACE	      = 1,
	BLOCK_PACKET	      = 2, /* obsolete */
	BLOCK_SIMPLE	      = 3,
	BLOCK_ENHANCED_PACKET = 6,
};

enum option_code { OPTION_END = 0, OPTION_TSRESOL = 9 };

struct interface {
	uint32_t link;
	uint64_t per_second; /* ticks */
	uint32_t snaplen;    /* 0: none */
};

struct pcap {
	struct source source;
	bool is_ng, swapped, begun;
	const char *why;
	uint64_t number;
	size_t n_interfaces;
	struct interface interfaces[INTERFACES_MAX]; /* pcap: the first */
	uint8_t head[PCAP_HEAD];
	uint8_t record[RECORD_MAX];
};

static uint32_t
swap32(uint32_t v)
{
	return __builtin_bswap32(v);
}

static uint16_t
get16(const struct pcap *p, struct rd *r)
{
	uint16_t v = rd_u16(r);

	return p->swapped ? __builtin_bswap16(v) : v;
}

static uint32_t
get32(const struct pcap *p, struct rd *r)
{
	uint32_t v = rd_u32(r);

	return p->swapped ? swap32(v) : v;
}

static uint32_t
head_magic(const uint8_t head[PCAP_HEAD])
{
	struct rd r = rd_init(SPAN(head, PCAP_HEAD));

	return rd_u32(&r);
}

bool
pcap_is(const uint8_t head[PCAP_HEAD])
{
	uint32_t magic = head_magic(head);

	return magic == MAGIC_NG || magic == MAGIC_MICRO || magic == MAGIC_NANO ||
	       magic == swap32(MAGIC_MICRO) || magic == swap32(MAGIC_NANO);
}

struct pcap *
pcap_new(struct source source, const uint8_t head[PCAP_HEAD])
{
	struct pcap *p = malloc(sizeof *p);

	if (!p)
		fatal("out of memory");
	p->source	= source;
	p->is_ng	= head_magic(head) == MAGIC_NG;
	p->swapped	= false;
	p->begun	= false;
	p->why		= NULL;
	p->number	= 0;
	p->n_interfaces = 0;
	memcpy(p->head, head, PCAP_HEAD);
	return p;
}

void
pcap_drop(struct pcap *p)
{
	free(p);
}

const char *
pcap_why(const struct pcap *p)
{
	return p->why ? p->why : "";
}

static enum pcap_result
broken(struct pcap *p, const char *why)
{
	p->why = why;
	return PCAP_BROKEN;
}

/* n bytes to the record's start; false at the end of the file. */
static bool
fill(struct pcap *p, size_t at, size_t n)
{
	return p->source.read(p->source.ctx, p->record + at, n) == n;
}

static uint64_t
to_ns(uint64_t ticks, uint64_t per_second)
{
	uint64_t seconds = ticks / per_second, rest = ticks % per_second;

	while (per_second > 1000000000) { /* rest * 10^9 would not fit */
		rest >>= 1;
		per_second >>= 1;
	}
	return seconds * 1000000000 + rest * 1000000000 / per_second;
}

/* ---- pcap ---- */

/* The rest of the file header: version, zone, accuracy, snaplen, link type. */
static bool
classic_begin(struct pcap *p)
{
	uint32_t magic = head_magic(p->head);
	struct rd r;

	p->swapped = magic == swap32(MAGIC_MICRO) || magic == swap32(MAGIC_NANO);
	if (!fill(p, 0, 20))
		return false;
	r = rd_init(SPAN(p->record, 20));
	rd_zero(&r, 16);
	p->interfaces[0].link = get32(p, &r) & 0x0fffffff; /* FCS length above */
	p->interfaces[0].per_second =
	    magic == MAGIC_NANO || magic == swap32(MAGIC_NANO) ? 1000000000 : 1000000;
	p->n_interfaces = 1;
	return true;
}

static enum pcap_result
classic_next(struct pcap *p, struct packet *ret)
{
	size_t got;
	struct rd r;
	uint32_t seconds, ticks, n;

	if (!p->begun && !classic_begin(p))
		return broken(p, "the file header is cut short");
	p->begun    = true;
	got = p->source.read(p->source.ctx, p->record, 16);
	if (got == 0)
		return PCAP_END;
	r	    = rd_init(SPAN(p->record, got));
	seconds	    = get32(p, &r);
	ticks	    = get32(p, &r);
	n	    = get32(p, &r);
	ret->length = get32(p, &r);
	if (!rd_ok(&r))
		return broken(p, "a packet header is cut short");
	if (n > RECORD_MAX)
		return broken(p, "a packet claims more than a mebibyte");
	if (!fill(p, 0, n))
		return broken(p, "a packet is cut short");
	ret->time  = seconds * 1000000000ull + to_ns(ticks, p->interfaces[0].per_second);
	ret->link  = p->interfaces[0].link;
	ret->bytes = SPAN(p->record, n);
	return PCAP_PACKET;
}

/* ---- pcapng ---- */

/* Block types and lengths are in the order that the last section header says. */
static bool
section_begin(struct pcap *p)
{
	struct rd r;
	uint32_t length, order;

	if (!fill(p, 0, 8))
		return false;
	r	   = rd_init(SPAN(p->record, 8));
	length	   = rd_u32(&r);
	order	   = rd_u32(&r);
	p->swapped = order == swap32(ORDER_MAGIC);
	if (!p->swapped && order != ORDER_MAGIC)
		return false;
	length		= p->swapped ? swap32(length) : length;
	p->n_interfaces = 0;
	return length >= 28 && length % 4 == 0 && length <= RECORD_MAX && fill(p, 0, length - 12);
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
	i->link	      = get16(p, &r);
	(void)get16(p, &r);
	i->snaplen    = get32(p, &r);
	i->per_second = 1000000;
	while (rd_left(&r) >= 4) {
		code = get16(p, &r);
		n    = get16(p, &r);
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
	ret->length = get32(p, &r);
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
	uint32_t id = obsolete ? get16(p, &r) : get32(p, &r);
	uint32_t hi, lo, n;

	if (obsolete)
		(void)get16(p, &r);
	hi	    = get32(p, &r);
	lo	    = get32(p, &r);
	n	    = get32(p, &r);
	ret->length = get32(p, &r);
	ret->bytes  = rd_bytes(&r, n);
	if (!rd_ok(&r) || id >= p->n_interfaces)
		return false;
	ret->time = to_ns((uint64_t)hi << 32 | lo, p->interfaces[id].per_second);
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

static enum pcap_result
ng_next(struct pcap *p, struct packet *ret)
{
	uint32_t type, length;
	struct rd r;
	size_t got;

	if (!p->begun && !section_begin(p))
		return broken(p, "no section header");
	p->begun = true;
	for (;;) {
		got = p->source.read(p->source.ctx, p->record, 4);
		if (got == 0)
			return PCAP_END;
		r    = rd_init(SPAN(p->record, got));
		type = get32(p, &r);
		if (!rd_ok(&r))
			return broken(p, "a block is cut short");
		if (type == MAGIC_NG) {
			if (!section_begin(p))
				return broken(p, "no section header");
			continue;
		}
		if (!fill(p, 0, 4))
			return broken(p, "a block is cut short");
		r      = rd_init(SPAN(p->record, 4));
		length = get32(p, &r);
		if (length < 12 || length % 4 != 0 || length > RECORD_MAX)
			return broken(p, "a block has an impossible length");
		if (!fill(p, 0, length - 8))
			return broken(p, "a block is cut short");
		if (block_is_packet(p, type, rd_init(SPAN(p->record, length - 12)), ret))
			return PCAP_PACKET;
	}
}

enum pcap_result
pcap_next(struct pcap *p, struct packet *ret)
{
	struct packet c = { 0 };
	enum pcap_result result;

	if (p->why)
		return PCAP_BROKEN;
	result = p->is_ng ? ng_next(p, &c) : classic_next(p, &c);
	if (result == PCAP_PACKET) {
		c.number = ++p->number;
		*ret	 = c;
	}
	return result;
}
