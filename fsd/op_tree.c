/* op_tree.c - fsd_tree_connect, fsd_tree_disconnect.  [MS-SMB2] 3.3.5.7, 3.3.5.8 */
#include "base/log.h"
#include "fsd/tree.h"

static nt
admit(struct fsd *me, const struct grant *g, const struct share *s, bool encrypted,
    bool *ret_read_only)
{
	REQUIRE(s->root >= 0, STATUS_BAD_NETWORK_NAME);
	TRY(share_admit(s, g->who, &g->client, ret_read_only));
	REQUIRE(encrypted || !share_must_encrypt(&me->shares, s), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

nt
fsd_tree_connect(struct fsd *me, struct call *c, const struct fsd_tree_connect_req *req,
    struct fsd_tree_connect_rsp *rsp)
{
	struct peer *p = peer_of(c);
	struct share *s;
	struct grant *g;
	struct tree *t;
	bool read_only;
	nt status;

	TRY(grant_find(me->grants, &req->grant, p->id, &g));
	TRY(grant_check_time(g, clock_real_ns()));
	s = shares_find(&me->shares, req->share.s);
	REQUIRE(s, STATUS_BAD_NETWORK_NAME);
	status = admit(me, g, s, req->encrypted, &read_only);
	if (nt_failed(status)) {
		log_audit("share refused user=%s share=%s status=%s", log_qs(g->who->user.s),
		    log_qs(s->name), nt_name(status));
		return status;
	}
	TRY(tree_new(me, p, g, s, read_only, &t));
	*rsp = (struct fsd_tree_connect_rsp){ .tree = t->id,
		.share                             = str_of(s->name),
		.max_access                        = t->max_access,
		.read_only                         = t->read_only,
		.must_encrypt                      = share_must_encrypt(&me->shares, s),
		.encrypt                           = s->encrypt };
	return STATUS_SUCCESS;
}

nt
fsd_tree_disconnect(struct fsd *me, struct call *c, const struct fsd_tree_disconnect_req *req,
    struct fsd_tree_disconnect_rsp *rsp)
{
	struct tree *t;

	(void)rsp;
	TRY(tree_find(me, peer_of(c), req->tree, &t));
	tree_drop(me, t);
	return STATUS_SUCCESS;
}
