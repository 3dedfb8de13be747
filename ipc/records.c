/* records.c - chains of packed rows, as configurations and listings travel.  See birth.h. */
#include "ipc/birth.h"

bool
conf_next(struct rd *r, uint16_t *ret_id, struct span *ret_body)
{
	uint16_t id;
	uint32_t n;

	if (rd_left(r) == 0)
		return false;
	id = rd_u16(r);
	rd_zero(r, 2);
	n         = rd_u32(r);
	*ret_body = rd_bytes(r, n);
	*ret_id   = id;
	return rd_ok(r);
}

void
conf_put(struct wr *w, const struct msg_desc *d, struct span body)
{
	wr_u16(w, d->id);
	wr_u16(w, 0);
	wr_u32(w, (uint32_t)body.n);
	wr_span(w, body);
}
