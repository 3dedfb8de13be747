/*
 * chain.h - lists whose entries begin with NextEntryOffset: the one writer and
 * the one reader of them.  Entries start on multiples of an alignment counted
 * from the list's start; the last entry's offset is 0.  [MS-FSCC] 2.4
 */
#ifndef PROTO_FSCC_CHAIN_H
#define PROTO_FSCC_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

struct chain {
	struct wr *w;
	size_t align;
	size_t start; /* of the list */
	size_t last;  /* of the entry written last */
	size_t count;
	size_t at;	/* of the entry in hand */
	struct wr undo; /* w before it */
};

void chain_begin(struct chain *, struct wr *w, size_t align);
/* Pads and writes a NextEntryOffset of 0; the entry's other fields are the caller's. */
void chain_entry(struct chain *);
/* Links the entry before to this one.  False if it did not fit: it is then as if never begun. */
bool chain_commit(struct chain *) MUST_USE;

/*
 * The next entry of a received list: a reader of its bytes, standing after
 * NextEntryOffset.  False at the end, or with a bad r if an entry is shorter than
 * min bytes, or an offset points off the list or is no multiple of align.
 */
bool chain_next(struct rd *r, size_t min, size_t align, struct rd *ret_entry) MUST_USE;

#endif
