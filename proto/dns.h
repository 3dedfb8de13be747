/*
 * dns.h - questions to name servers and what of their answers we want: SRV, A
 * and AAAA records.  Answers are hostile: anybody on the way may write them.
 * [RFC1035] 4, [RFC2782], [RFC3596]
 */
#ifndef PROTO_DNS_H
#define PROTO_DNS_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define DNS_NAME_MAX 256u
#define DNS_UDP_MAX  1232u /* announced by EDNS; longer answers come cut, which does us no harm */

enum dns_type { DNS_A = 1, DNS_AAAA = 28, DNS_SRV = 33 };

/* w goes bad if name is none: labels of 1 to 63 bytes. */
void dns_query_encode(struct wr *, uint16_t id, const char *name, enum dns_type);

struct dns_record {
	uint16_t priority, weight, port; /* SRV */
	char target[DNS_NAME_MAX];	 /* SRV; not "." */
	struct span address;		 /* A: 4 bytes, AAAA: 16 */
};

/*
 * Calls fn for each record of that type in the answer section.  query is what
 * we sent: id and question must be the same.  STATUS_NOT_FOUND: no such name, or
 * nothing of that type.  STATUS_INVALID_PARAMETER: not an answer to this.
 * STATUS_RETRY: the server could not; ask another.
 */
nt dns_answer_decode(struct span answer, struct span query, enum dns_type,
		     void (*fn)(void *ctx, const struct dns_record *), void *ctx) MUST_USE;

#endif
