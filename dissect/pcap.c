/*
 * pcap.c - the older format of capture files, and which of the two a file has.
 *
 * Every length is the file's word: a record may be as long as RECORD_MAX, no more,
 * and nothing is allocated after pcap_new().
 */
#include "dissect/pcap_parts.h"

#include <stdlib.h>

#include "base/fatal.h"

#define MAGIC_MICRO 0xA1B2C3D4u
#define MAGIC_NANO  0xA1B23C4Du

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
	       magic == __builtin_bswap32(MAGIC_MICRO) || magic == __builtin_bswap32(MAGIC_NANO);
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

enum pcap_result
pcap_broken(struct pcap *p, const char *why)
{
	p->why = why;
	return PCAP_BROKEN;
}

uint64_t
pcap_ns(uint64_t ticks, uint64_t per_second)
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

	p->swapped = magic == __builtin_bswap32(MAGIC_MICRO) || magic == __builtin_bswap32(MAGIC_NANO);
	if (!pcap_fill(p, 20))
		return false;
	r = rd_init(SPAN(p->record, 20));
	rd_zero(&r, 16);
	p->interfaces[0].link = pcap_u32(p, &r) & 0x0fffffff; /* FCS length above */
	p->interfaces[0].per_second =
	    magic == MAGIC_NANO || magic == __builtin_bswap32(MAGIC_NANO) ? 1000000000 : 1000000;
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
		return pcap_broken(p, "the file header is cut short");
	p->begun    = true;
	got = p->source.read(p->source.ctx, p->record, 16);
	if (got == 0)
		return PCAP_END;
	r	    = rd_init(SPAN(p->record, got));
	seconds	    = pcap_u32(p, &r);
	ticks	    = pcap_u32(p, &r);
	n	    = pcap_u32(p, &r);
	ret->length = pcap_u32(p, &r);
	if (!rd_ok(&r))
		return pcap_broken(p, "a packet header is cut short");
	if (n > RECORD_MAX)
		return pcap_broken(p, "a packet claims more than a mebibyte");
	if (!pcap_fill(p, n))
		return pcap_broken(p, "a packet is cut short");
	ret->time  = seconds * 1000000000ull + pcap_ns(ticks, p->interfaces[0].per_second);
	ret->link  = p->interfaces[0].link;
	ret->bytes = SPAN(p->record, n);
	return PCAP_PACKET;
}

enum pcap_result
pcap_next(struct pcap *p, struct packet *ret)
{
	struct packet c = { 0 };
	enum pcap_result result;

	if (p->why)
		return PCAP_BROKEN;
	result = p->is_ng ? pcapng_next(p, &c) : classic_next(p, &c);
	if (result == PCAP_PACKET) {
		c.number = ++p->number;
		*ret	 = c;
	}
	return result;
}
