/* op_grant.c - fsd_grant, fsd_grant_end: what the store promises and takes back. */
#include "base/log.h"
#include "fsd/tree.h"

/*
 * Its worker may not have been introduced yet, where we came later than the session.  Of one that has died
 * meanwhile the store ends the sessions, and takes the grant away behind this.
 */
nt
fsd_grant(struct fsd *me, struct call *c, const struct fsd_grant_req *req,
    struct fsd_grant_rsp *rsp)
{
	struct grant fresh = { .id = req->grant, .worker = req->worker, .session = req->session,
		.expires = req->expires, .client = req->client };
	struct link *l = node_find(me->node, req->worker);
	struct grant *g;

	(void)c;
	(void)rsp;
	fresh.who = ident_new(req->user.s, req->sid.s, req->uid, req->gid, &req->groups, req->flags);
	if (req->logon.n > 0)
		ident_set_domain(fresh.who, req->domain.s, req->realm.s, req->logon.s, req->sids);
	TRY(grant_put(me->grants, &fresh, &g));
	if (l && link_ctx(l))
		trees_of_grant_become(link_ctx(l), g);
	return STATUS_SUCCESS;
}

/* A worker may end only its own; unknown ones are over already. */
nt
fsd_grant_end(struct fsd *me, struct call *c, const struct fsd_grant_end_req *req,
    struct fsd_grant_end_rsp *rsp)
{
	struct grant *g = grant_any(me->grants, &req->grant);
	struct link *l;

	(void)rsp;
	if (!g)
		return STATUS_SUCCESS;
	REQUIRE(link_role(call_link(c)) == PEER_STORE || link_peer(call_link(c)) == g->worker,
	    STATUS_ACCESS_DENIED);
	l = node_find(me->node, g->worker);
	if (l && link_ctx(l))
		trees_of_grant_drop(me, link_ctx(l), g);
	grant_end(me->grants, g);
	return STATUS_SUCCESS;
}
