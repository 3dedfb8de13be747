/*
 * assemble.h - messages out of a stream of bytes, by the four bytes before each.
 * [MS-SMB2] 2.1; what NetBIOS adds to it on port 139 is skipped.  [RFC 1002] 4.3.1
 */
#ifndef DISSECT_ASSEMBLE_H
#define DISSECT_ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

/* One direction of one connection; all zero at first. */
struct assembly {
	bool lost;	/* does not know where a message starts */
	uint8_t *buf;	/* a message begun, its four bytes included */
	size_t n, cap;
};

struct assembler {
	/* missing: bytes at the end of the message that never came. */
	void (*frame)(void *ctx, struct span bytes, uint32_t missing);
	void *ctx;
	size_t *held;	/* bytes in memory, of all assemblies */
	size_t bound;
};

void assembly_add(struct assembly *, const struct assembler *, struct span);
/* n bytes are not there. */
void assembly_gap(struct assembly *, const struct assembler *, uint32_t n);
/* Nothing more comes: hands out what there is, and frees. */
void assembly_end(struct assembly *, const struct assembler *);

#endif
