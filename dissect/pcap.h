/*
 * pcap.h - packets out of a capture file: pcap (micro- and nanoseconds, both byte
 * orders) and pcapng.  Reads forward only, so a pipe will do.  Not for: what is in
 * the packets.  [draft-ietf-opsawg-pcap], [draft-ietf-opsawg-pcapng]
 */
#ifndef DISSECT_PCAP_H
#define DISSECT_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

/* Fills dst with up to n bytes; fewer only at the end. */
struct source {
	size_t (*read)(void *ctx, uint8_t *dst, size_t n);
	void *ctx;
};

/* LINKTYPE_ numbers that link.c understands. */
enum link_type {
	LINK_NULL	= 0,
	LINK_ETHERNET	= 1,
	LINK_RAW_BSD	= 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW	= 101,
	LINK_LOOP	= 108,
	LINK_SLL	= 113,
	LINK_IPV4	= 228,
	LINK_IPV6	= 229,
	LINK_SLL2	= 276,
};

struct packet {
	uint64_t number;	/* from 1 */
	uint64_t time;		/* Unix ns; 0 if the file does not say */
	uint32_t link;
	uint32_t length;	/* on the wire; bytes may be fewer */
	struct span bytes;	/* until the next call */
};

enum pcap_result { PCAP_PACKET, PCAP_END, PCAP_BROKEN };

#define PCAP_HEAD 4	/* bytes by which a file is told */

struct pcap;

bool pcap_is(const uint8_t head[PCAP_HEAD]) MUST_USE;
/* head: what was read of the source already.  Never NULL. */
struct pcap *pcap_new(struct source, const uint8_t head[PCAP_HEAD]);
void pcap_drop(struct pcap *);	/* NULL is fine */
DEFINE_CLEANUP(struct pcap, pcap_drop)
enum pcap_result pcap_next(struct pcap *, struct packet *ret) MUST_USE;
/* A sentence, after PCAP_BROKEN. */
const char *pcap_why(const struct pcap *);

#endif
