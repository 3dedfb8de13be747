/* cmd_lock.c - LOCK: fsd keeps those that wait until granted or cancelled.  [MS-SMB2] 3.3.5.14 */
#include "proto/smb2/lock.h"
#include "smbd/rq.h"

static void
lock_reply(void *ctx, nt status, const struct fsd_lock_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	(void)data;
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	smb2_lock_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &(struct smb2_lock_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
}

/* Windows: an expired session may let go of what it has locked, and lock nothing more. */
static bool
lock_is_admitted(const struct rq *rq, const struct smb2_lock_req *req)
{
	if (!session_has_expired(rq_session(rq)))
		return true;
	for (uint16_t i = 0; i < req->count; i++)
		if (!(smb2_lock_element_at(req->elements, i).flags & SMB2_LOCKFLAG_UNLOCK))
			return false;
	return true;
}

static nt
lock_request(struct rq *rq, struct rd r)
{
	struct call_opt opt   = rq_opt(rq);
	struct fsd_lock_req q = { .file = rq->file };
	struct smb2_lock_req req;

	TRY(smb2_lock_req_decode(&r, &req));
	REQUIRE(req.count > 0, STATUS_INVALID_PARAMETER);
	REQUIRE(lock_is_admitted(rq, &req), STATUS_NETWORK_SESSION_EXPIRED);
	REQUIRE(!rq_open(rq)->pipe, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(req.elements.n <= TOKEN_BOUND, STATUS_INSUFFICIENT_RESOURCES);
	/* Nothing else makes a client repeat a lock: opens do not outlive connections yet. */
	if (rq->frame->conn->params.server_caps & SMB2_GLOBAL_CAP_MULTI_CHANNEL)
		q.sequence = req.sequence;
	q.count    = req.count;
	q.locks    = req.elements;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_lock_call_id(rq_fsd(rq), &q, &opt, lock_reply, rq, &rq->call_id));
}

const struct smbd_cmd smbd_cmd_lock = {
	.request = lock_request,
	.pace    = RQ_PACE_QUICK,
	.chains  = true,
};
