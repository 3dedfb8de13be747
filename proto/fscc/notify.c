/*
 * notify.c - FILE_NOTIFY_INFORMATION.  [MS-FSCC] 2.7.1
 */
#include "proto/fscc/notify.h"

#include "proto/fscc/name.h"

void
fscc_notify_begin(struct chain *c, struct wr *w)
{
	chain_begin(c, w, 4);
}

bool
fscc_notify_put(struct chain *c, uint32_t action, const char *path)
{
	size_t at;

	chain_entry(c);
	wr_u32(c->w, action);
	at = wr_hole(c->w, 4);
	wr_patch32(c->w, at, (uint32_t)wr_name(c->w, path));
	return chain_commit(c);
}

bool
fscc_notify_next(struct rd *r, struct fscc_notify *ret)
{
	struct fscc_notify c;
	struct rd e;
	uint32_t n;

	if (!chain_next(r, 12, 4, &e))
		return false;
	c.action = rd_u32(&e);
	n	 = rd_u32(&e);
	c.name	 = rd_name(&e, n);
	r->bad |= !rd_ok(&e);
	if (rd_ok(r))
		*ret = c;
	return rd_ok(r);
}
