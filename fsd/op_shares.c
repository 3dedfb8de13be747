/*
 * op_shares.c - fsd_shares: one row a call, those that may be known.  A worker
 * sees what its identity may enter and is meant to be browsed; api sees all.
 */
#include "fsd/tree.h"

static bool
may_see(const struct share *s, const struct grant *g)
{
	bool read_only;

	if (!g)
		return true;
	return (s->flags & SHARE_BROWSEABLE) && s->root >= 0 &&
	       nt_ok(share_admit(s, g->who, &g->client, &read_only));
}

static void
row(const struct share *s, uint32_t index, struct fsd_shares_rsp *rsp)
{
	*rsp = (struct fsd_shares_rsp){ .index = index,
		.name                          = str_of(s->name),
		.comment                       = str_of(s->comment),
		.path                          = str_of(s->path),
		.flags                         = s->flags,
		.encrypt                       = s->encrypt,
		.users                         = s->users };
}

/* Rows count from 1, so that after = 0 begins. */
nt
fsd_shares(struct fsd *me, struct call *c, const struct fsd_shares_req *req,
    struct fsd_shares_rsp *rsp)
{
	struct grant *g = NULL;
	uint32_t index  = 0;

	if (link_role(call_link(c)) != PEER_API)
		TRY(grant_find(me->grants, &req->grant, link_peer(call_link(c)), &g));
	for (const struct share *s = me->shares.first; s; s = s->next) {
		index++;
		if (index <= req->after || !may_see(s, g))
			continue;
		row(s, index, rsp);
		return STATUS_SUCCESS;
	}
	return STATUS_NO_MORE_ENTRIES;
}
