/* op_opens.c - fsd_opens: the table of opens, a row a call, for status. */
#include "fsd/handle.h"
#include "fsd/lock.h"

static uint64_t
slot_of(uint64_t id)
{
	return id & UINT32_MAX;
}

/* Ordered by the slot in the table; a row that goes meanwhile is not missed by others. */
static struct handle *
next_after(struct fsd *me, uint64_t after)
{
	uint32_t pos = 0;
	uint64_t id;
	struct handle *h;

	while ((h = table_next(me->handles, &pos, &id)) != NULL)
		if (slot_of(id) > after)
			return h;
	return NULL;
}

nt
fsd_opens(struct fsd *me, struct call *c, const struct fsd_opens_req *req,
    struct fsd_opens_rsp *rsp)
{
	const struct handle *h = next_after(me, req->after);

	(void)c;
	REQUIRE(h, STATUS_NO_MORE_ENTRIES);
	*rsp = (struct fsd_opens_rsp){ .index = slot_of(h->id),
		.worker                       = h->peer->id,
		.user                         = h->who->user,
		.share                        = str_of(h->tree->share->name),
		.path                         = str_of(h->path),
		.access                       = h->access,
		.share_mode                   = h->share,
		.locks                        = locks_of(h->file, h),
		.oplock                       = h->oplock };
	return STATUS_SUCCESS;
}
