/* cmd_query_info.c - QUERY_INFO: the answer comes from fsd as it goes out.  [MS-SMB2] 3.3.5.20 */
#include "proto/smb2/query_info.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"

void
query_info_answer(struct rq *rq, nt status, struct span data)
{
	struct smb2_query_info_rsp a = { .output = data };
	struct wr *w                 = rq_body(rq, data.n + 64);

	if (!w)
		return;
	smb2_query_info_rsp_encode(w, RQ_HDR_AT, &a);
	rq_done(rq, status);
}

/* fsd was told how much may come. */
static void
query_info_cut(struct rq *rq, nt status, struct span data)
{
	if (data.n > rq->u.query.max_out)
		rq_fail(rq, STATUS_INTERNAL_ERROR);
	else
		query_info_answer(rq, status, data);
}

/* A cut answer is an answer; BUFFER_TOO_SMALL tells the size in its error data, 3.3.5.20.3. */
static void
query_info_reply(void *ctx, nt status, const struct fsd_query_info_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	if (!rq_back(rq))
		return;
	if (!nt_failed(status) || nt_is(status, STATUS_BUFFER_OVERFLOW))
		query_info_cut(rq, status, data);
	else
		rq_fail_data(rq, status, data.n <= sizeof(uint64_t) ? data : SPAN_NONE);
}

static nt
query_info_request(struct rq *rq, struct rd r)
{
	struct call_opt opt         = rq_opt(rq);
	struct fsd_query_info_req q = { .file = rq->file };
	struct smb2_query_info_req req;

	TRY(smb2_query_info_req_decode(&r, &req));
	REQUIRE(req.output_length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	rq->u.query.max_out = req.output_length;
	if (rq_open(rq)->pipe)
		return pipe_query_info(rq_open(rq)->pipe, rq, &req);
	REQUIRE(req.input.n <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	q.type       = req.info_type;
	q.class_     = req.info_class;
	q.additional = req.additional;
	q.flags      = req.flags;
	q.max        = req.output_length;
	q.tail       = req.input;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_query_info_call_id(rq_fsd(rq), &q, &opt, query_info_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_query_info = {
	.request = query_info_request,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
