/*
 * pcap_parts.h - what pcap.c and pcapng.c share; nobody else includes it.
 */
#ifndef DISSECT_PCAP_PARTS_H
#define DISSECT_PCAP_PARTS_H

#include "dissect/pcap.h"

#define RECORD_MAX     (1u << 20)
#define INTERFACES_MAX 64

#define MAGIC_NG 0x0A0D0D0Au /* the same in both orders */

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

/* n bytes into the record; false at the end of the file. */
static inline bool
pcap_fill(struct pcap *p, size_t n)
{
	return p->source.read(p->source.ctx, p->record, n) == n;
}

/* Numbers in the file's order. */
static inline uint16_t
pcap_u16(const struct pcap *p, struct rd *r)
{
	uint16_t v = rd_u16(r);

	return p->swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t
pcap_u32(const struct pcap *p, struct rd *r)
{
	uint32_t v = rd_u32(r);

	return p->swapped ? __builtin_bswap32(v) : v;
}

enum pcap_result pcap_broken(struct pcap *, const char *why);
uint64_t pcap_ns(uint64_t ticks, uint64_t per_second) MUST_USE;
enum pcap_result pcapng_next(struct pcap *, struct packet *ret) MUST_USE;

#endif
