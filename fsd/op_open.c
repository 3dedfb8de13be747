/* op_open.c - fsd_open: opens, or parks the call until an oplock break is answered. */
#include "fsd/open.h"
#include "fsd/park.h"

nt
fsd_open(struct fsd *me, struct call *c, const struct fsd_open_req *req, struct fsd_open_rsp *rsp)
{
	struct peer *p = peer_of(c);
	struct file *f = NULL;
	struct tree *t;
	nt s = open_run(me, p, req, rsp, &f);

	if (nt_is(s, STATUS_PENDING)) {
		TRY(tree_find(me, p, req->tree, &t));
		s = park_open(me, c, t, f, req);
		if (nt_is(s, STATUS_PENDING))
			return s;
	}
	chain_opened(p, call_chain(c), s, rsp->file);
	return s;
}
