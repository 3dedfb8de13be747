/* op_cancel.c - fsd_cancel: a waiting call of the same link.  [MS-SMB2] 3.3.5.16 */
#include "fsd/peer.h"

/* What does not wait (any more) cannot be cancelled, and its answer is on its way. */
nt
fsd_cancel(struct fsd *me, struct call *c, const struct fsd_cancel_req *req,
    struct fsd_cancel_rsp *rsp)
{
	struct wait *w = wait_find(peer_of(c), req->call);

	(void)rsp;
	if (w)
		w->end(me, w, STATUS_CANCELLED);
	return STATUS_SUCCESS;
}
