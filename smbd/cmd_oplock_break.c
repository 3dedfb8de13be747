/*
 * cmd_oplock_break.c - acknowledgements of broken oplocks and leases; the
 * notification itself is in take.c.  [MS-SMB2] 3.3.5.22
 */
#include "proto/smb2/oplock_break.h"
#include "smbd/rq.h"

static void
oplock_break_reply(void *ctx, nt status, const struct fsd_oplock_ack_rsp *rsp, struct span data)
{
	struct rq *rq                  = ctx;
	struct smb2_oplock_break_rsp a = { .b = { .fid = rq->fid } };

	(void)data;
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	a.b.is_lease     = rq->u.create.is_lease;
	a.b.oplock_level = rsp->level;
	a.b.lease_state  = rsp->lease_state;
	memcpy(a.b.lease_key, rq->u.create.lease_key, sizeof a.b.lease_key);
	smb2_oplock_break_rsp_encode(rq_body(rq, 128), RQ_HDR_AT, &a);
	rq_done(rq, STATUS_SUCCESS);
}

static nt
oplock_break_request(struct rq *rq, struct rd r)
{
	struct call_opt opt         = rq_opt(rq);
	struct fsd_oplock_ack_req q = { .client_guid = rq->frame->conn->params.client_guid };
	struct smb2_oplock_break_req req;

	TRY(smb2_oplock_break_req_decode(&r, &req));
	if (!req.b.is_lease) {
		TRY(rq_take_file(rq, req.b.fid));
		REQUIRE(!rq_open(rq)->pipe, STATUS_INVALID_PARAMETER);
	}
	q.file        = req.b.is_lease ? 0 : rq->file;
	q.level       = req.b.oplock_level;
	q.is_lease    = req.b.is_lease;
	q.lease_state = req.b.lease_state;
	memcpy(q.lease_key.b, req.b.lease_key, sizeof q.lease_key.b);
	memcpy(rq->u.create.lease_key, req.b.lease_key, sizeof req.b.lease_key);
	rq->u.create.is_lease = req.b.is_lease;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_oplock_ack_call_id(rq_fsd(rq), &q, &opt, oplock_break_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_oplock_break = {
	.request  = oplock_break_request,
	.pace     = RQ_PACE_NONE,
	.any_file = true,
};
