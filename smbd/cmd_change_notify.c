/* cmd_change_notify.c - CHANGE_NOTIFY: kept by fsd until something changes.  [MS-SMB2] 3.3.5.19 */
#include "proto/smb2/change_notify.h"
#include "smbd/rq.h"

/* NOTIFY_ENUM_DIR and NOTIFY_CLEANUP are successes without entries. */
static void
change_notify_reply(void *ctx, nt status, const struct fsd_notify_rsp *rsp, struct span data)
{
	struct rq *rq                   = ctx;
	struct smb2_change_notify_rsp a = { .output = data };
	struct wr *w;

	(void)rsp;
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	if (data.n > rq->u.query.max_out) {
		rq_fail(rq, STATUS_INTERNAL_ERROR);
		return;
	}
	w = rq_body(rq, data.n + 64);
	if (!w)
		return;
	smb2_change_notify_rsp_encode(w, RQ_HDR_AT, &a);
	rq_done(rq, status);
}

static nt
change_notify_request(struct rq *rq, struct rd r)
{
	struct call_opt opt     = rq_opt(rq);
	struct fsd_notify_req q = { .file = rq->file };
	struct smb2_change_notify_req req;

	TRY(smb2_change_notify_req_decode(&r, &req));
	/* What is behind it in a compound would wait for a change that may never come.  Windows. */
	REQUIRE(!smb2_chain_more(&rq->frame->more), STATUS_INTERNAL_ERROR);
	REQUIRE(req.output_length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	REQUIRE(!rq_open(rq)->pipe, STATUS_INVALID_PARAMETER);
	rq->u.query.max_out = req.output_length;
	q.filter            = req.completion_filter;
	q.tree              = (req.flags & SMB2_WATCH_TREE) != 0;
	q.max               = req.output_length;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_notify_call_id(rq_fsd(rq), &q, &opt, change_notify_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_change_notify = {
	.request = change_notify_request,
	.pace    = RQ_PACE_QUICK,
};
