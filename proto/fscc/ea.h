/*
 * ea.h - lists of extended attributes, both ways.  [MS-FSCC] 2.4.16
 */
#ifndef PROTO_FSCC_EA_H
#define PROTO_FSCC_EA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/fscc/chain.h"

#define FSCC_EA_NEED 0x80u /* flags: who does not understand it may not open the file */

struct fscc_ea {
	uint8_t flags;
	struct span name; /* ASCII, without its NUL; at most 254 bytes */
	struct span value;
};

/* FileFullEaInformation: false at the end, or with a bad r. */
bool fscc_ea_next(struct rd *r, struct fscc_ea *ret) MUST_USE;
/* The whole list is well formed.  If not: STATUS_EA_LIST_INCONSISTENT. */
nt fscc_ea_check(struct span list) MUST_USE;
/* FileGetEaInformation, 2.4.16.1: the names a query asks for. */
bool fscc_ea_name_next(struct rd *r, struct span *ret) MUST_USE;

void fscc_ea_begin(struct chain *, struct wr *w);
bool fscc_ea_put(struct chain *, const struct fscc_ea *) MUST_USE; /* false: did not fit */

#endif
