/* cmd_set_info.c - SET_INFO: fsd reads the buffer as the client sent it.  [MS-SMB2] 3.3.5.21 */
#include "proto/smb2/set_info.h"
#include "smbd/rq.h"

static void
set_info_reply(void *ctx, nt status, const struct fsd_set_info_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	(void)data;
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	smb2_set_info_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &(struct smb2_set_info_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
}

static nt
set_info_request(struct rq *rq, struct rd r)
{
	struct call_opt opt       = rq_opt(rq);
	struct fsd_set_info_req q = { .file = rq->file };
	struct smb2_set_info_req req;

	TRY(smb2_set_info_req_decode(&r, &req));
	REQUIRE(!rq_open(rq)->pipe, STATUS_NOT_SUPPORTED);
	REQUIRE(req.buffer.n <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	q.type       = req.info_type;
	q.class_     = req.info_class;
	q.additional = req.additional;
	q.buffer     = req.buffer;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_set_info_call_id(rq_fsd(rq), &q, &opt, set_info_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_set_info = {
	.request = set_info_request,
	.pace    = RQ_PACE_SLOW,	/* a rename may wait for another's oplock */
	.chains  = true,
};
