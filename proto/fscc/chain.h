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
	struct wr undo; /* w before the entry in hand */
};

void chain_begin(struct chain *, struct wr *w, size_t align);
/* Pads, links the entry before, writes NextEntryOffset 0. */
void chain_entry(struct chain *);
/* True if the entry fitted; otherwise it is taken back, as if never begun. */
bool chain_commit(struct chain *);

/*
 * The next entry of a received list: a reader of its bytes, standing after
 * NextEntryOffset.  False at the end, or with a bad r if an offset points inside
 * fewer than min bytes, off the list, or is not a multiple of align.
 */
bool chain_next(struct rd *r, size_t min, size_t align, struct rd *ret_entry) MUST_USE;

#endif
