/* records.c - chains of packed rows, as configurations and listings travel.  See birth.h. */
#include "ipc/birth.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"

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

static nt
record_find(struct span part, uint16_t wanted, struct span *ret)
{
	struct rd r = rd_init(part);
	uint16_t id;

	while (conf_next(&r, &id, ret))
		if (id == wanted)
			return STATUS_SUCCESS;
	return STATUS_DATA_ERROR;
}

static nt
record_decode(struct span part, const struct msg_desc *d, void *ret)
{
	struct span body;
	void *record;
	nt s;

	TRY(record_find(part, d->id, &body));
	record = xcalloc(1, d->req_size);
	s      = msg_decode(body, d->req(), d->n_req, record);
	if (nt_ok(s))
		memcpy(ret, record, d->req_size);
	free(record);
	return nt_ok(s) ? s : STATUS_DATA_ERROR;
}

nt
conf_copy_take(struct conf_copy *held, struct span part, const struct msg_desc *d, void *ret)
{
	struct conf_copy copy = { xcalloc(1, part.n + 1), part.n };
	nt s;

	if (part.n > 0)
		memcpy(copy.p, part.p, part.n);
	s = record_decode(SPAN(copy.p, copy.n), d, ret);
	if (nt_failed(s)) {
		conf_copy_drop(&copy);
		return s;
	}
	conf_copy_drop(held);
	*held = copy;
	return s;
}

void
conf_copy_drop(struct conf_copy *c)
{
	if (c->p)
		secret_wipe(c->p, c->n);
	free(c->p);
	*c = (struct conf_copy){ 0 };
}

void
conf_put(struct wr *w, const struct msg_desc *d, struct span body)
{
	wr_u16(w, d->id);
	wr_u16(w, 0);
	wr_u32(w, (uint32_t)body.n);
	wr_span(w, body);
}
