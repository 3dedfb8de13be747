/*
 * ea.c - extended attributes.  [MS-FSCC] 2.4.16
 */
#include "proto/fscc/ea.h"

bool
fscc_ea_next(struct rd *r, struct fscc_ea *ret)
{
	struct fscc_ea c;
	uint8_t name_n;
	uint16_t value_n;
	struct rd e;

	if (!chain_next(r, 9, 4, &e))
		return false;
	c.flags = rd_u8(&e);
	name_n	= rd_u8(&e);
	value_n = rd_u16(&e);
	c.name	= rd_bytes(&e, name_n);
	e.bad |= rd_u8(&e) != 0 || name_n == 0;
	c.value = rd_bytes(&e, value_n);
	r->bad |= !rd_ok(&e);
	if (rd_ok(r))
		*ret = c;
	return rd_ok(r);
}

nt
fscc_ea_check(struct span list)
{
	struct rd r = rd_init(list);
	struct fscc_ea ea;

	while (fscc_ea_next(&r, &ea))
		;
	return rd_ok(&r) ? STATUS_SUCCESS : STATUS_EA_LIST_INCONSISTENT;
}

bool
fscc_ea_name_next(struct rd *r, struct span *ret)
{
	struct span name;
	struct rd e;

	if (!chain_next(r, 6, 4, &e))
		return false;
	name = rd_bytes(&e, rd_u8(&e));
	e.bad |= rd_u8(&e) != 0 || name.n == 0;
	r->bad |= !rd_ok(&e);
	if (rd_ok(r))
		*ret = name;
	return rd_ok(r);
}

void
fscc_ea_begin(struct chain *c, struct wr *w)
{
	chain_begin(c, w, 4);
}

bool
fscc_ea_put(struct chain *c, const struct fscc_ea *ea)
{
	chain_entry(c);
	if (ea->name.n > UINT8_MAX || ea->value.n > UINT16_MAX)
		c->w->bad = true;
	wr_u8(c->w, ea->flags);
	wr_u8(c->w, (uint8_t)ea->name.n);
	wr_u16(c->w, (uint16_t)ea->value.n);
	wr_span(c->w, ea->name);
	wr_u8(c->w, 0);
	wr_span(c->w, ea->value);
	return chain_commit(c);
}
