/*
 * link.h - a captured packet down to its TCP segment.  Ethernet (with VLAN tags),
 * Linux cooked v1 and v2, raw IP, BSD loopback; IPv4 and IPv6.  Fragmented
 * datagrams are not put together: LINK_FRAGMENT says so.
 */
#ifndef DISSECT_LINK_H
#define DISSECT_LINK_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "dissect/pcap.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct endpoint {
	uint8_t n;	/* bytes of the address: 4 or 16 */
	uint8_t address[16];
	uint16_t port;
};

struct segment {
	struct endpoint from, to;
	uint32_t seq;
	uint8_t flags;
	struct span payload;	/* as far as captured */
	uint32_t missing;	/* bytes of payload behind it that were not */
};

enum link_result { LINK_SEGMENT, LINK_OTHER, LINK_FRAGMENT };

enum link_result link_segment(const struct packet *, struct segment *ret) MUST_USE;

#endif
