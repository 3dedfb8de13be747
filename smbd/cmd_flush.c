/* cmd_flush.c - FLUSH.  [MS-SMB2] 3.3.5.11 */
#include "proto/smb2/flush.h"
#include "smbd/rq.h"

static void
flush_answer(struct rq *rq)
{
	smb2_flush_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &(struct smb2_flush_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
}

static void
flush_reply(void *ctx, nt status, const struct fsd_flush_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	(void)data;
	if (rq_back(rq) && !rq_failed(rq, status))
		flush_answer(rq);
}

static nt
flush_request(struct rq *rq, struct rd r)
{
	struct call_opt opt    = rq_opt(rq);
	struct fsd_flush_req q = { .file = rq->file };
	struct smb2_flush_req req;

	TRY(smb2_flush_req_decode(&r, &req));
	if (rq_open(rq)->pipe) {
		flush_answer(rq);	/* what was written has been read already */
		return STATUS_SUCCESS;
	}
	return rq_asked(rq, rq_fsd(rq),
	    fsd_flush_call_id(rq_fsd(rq), &q, &opt, flush_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_flush = {
	.request = flush_request,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
