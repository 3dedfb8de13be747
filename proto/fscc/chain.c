/*
 * chain.c - NextEntryOffset lists.  [MS-FSCC] 2.4
 */
#include "proto/fscc/chain.h"

void
chain_begin(struct chain *c, struct wr *w, size_t align)
{
	*c = (struct chain){ .w = w, .align = align, .start = w->pos };
}

void
chain_entry(struct chain *c)
{
	size_t used = c->w->pos - c->start;

	c->undo = *c->w;
	wr_zero(c->w, (c->align - used % c->align) % c->align);
	c->at = wr_hole(c->w, 4);
}

bool
chain_commit(struct chain *c)
{
	if (!wr_ok(c->w)) {
		*c->w = c->undo;
		return false;
	}
	if (c->count > 0)
		wr_patch32(c->w, c->last, (uint32_t)(c->at - c->last));
	c->last = c->at;
	c->count++;
	return true;
}

bool
chain_next(struct rd *r, size_t min, size_t align, struct rd *ret_entry)
{
	size_t left	= rd_left(r);
	struct rd ahead = *r;
	size_t next	= rd_u32(&ahead);
	struct span body;

	if (left == 0)
		return false;
	if (!rd_ok(&ahead) || left < min) {
		r->bad = true;
		return false;
	}
	if (next == 0)
		next = left;
	else if (next < min || next % align != 0 || next > left || left - next < min)
		r->bad = true;
	body	   = rd_bytes(r, next);
	*ret_entry = rd_init(body);
	rd_zero(ret_entry, 4);
	return rd_ok(r);
}
