/* cmd_tree_disconnect.c - TREE_DISCONNECT.  [MS-SMB2] 3.3.5.8 */
#include "proto/smb2/tree_disconnect.h"
#include "smbd/rq.h"

static void
tree_disconnect_answer(struct rq *rq)
{
	smb2_tree_disconnect_rsp_encode(rq_body(rq, 64), RQ_HDR_AT,
	    &(struct smb2_tree_disconnect_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
}

static void
tree_disconnect_reply(void *ctx, nt status, const struct fsd_tree_disconnect_rsp *rsp,
    struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	(void)data;
	if (rq_back(rq) && !rq_failed(rq, status))
		tree_disconnect_answer(rq);
}

static nt
tree_disconnect_request(struct rq *rq, struct rd r)
{
	struct tree *t                   = rq_tree(rq);
	struct fsd_tree_disconnect_req q = { .tree = t->fsd };
	struct call_opt opt              = rq_opt(rq);
	bool is_ipc                      = t->is_ipc;
	struct smb2_tree_disconnect_req req;

	TRY(smb2_tree_disconnect_req_decode(&r, &req));
	tree_drop(rq_session(rq), t);
	if (is_ipc) {
		tree_disconnect_answer(rq);
		return STATUS_SUCCESS;
	}
	return rq_asked(rq, rq_fsd(rq),
	    fsd_tree_disconnect_call_id(rq_fsd(rq), &q, &opt, tree_disconnect_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_tree_disconnect = {
	.request = tree_disconnect_request,
	.pace    = RQ_PACE_SLOW,
};
