/*
 * cmd_read.c - READ: fsd reads into the arena, and from there it goes to the
 * socket, encrypted on the spot or not at all.  [MS-SMB2] 3.3.5.12
 */
#include "proto/smb2/read.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"

static void
read_reply(void *ctx, nt status, const struct fsd_read_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	if (rsp->length > rq->bulk.n || (rq->bulk.slot == SLOT_NONE && rsp->length != data.n)) {
		rq_fail(rq, STATUS_INTERNAL_ERROR);
		return;
	}
	if (data.n > 0)
		memcpy(rq->bulk.p, data.p, data.n);
	rq->bulk_n = rsp->length;
	smb2_read_rsp_encode_head(rq_body(rq, 64), RQ_HDR_AT, rsp->length);
	rq_done(rq, STATUS_SUCCESS);
}

static nt
read_bulk(struct rq *rq)
{
	struct call_opt opt   = rq_opt(rq);
	struct fsd_read_req q = { .file = rq->file, .offset = rq->u.io.offset,
		.length = rq->u.io.length, .minimum = rq->u.io.minimum };

	TRY(bulk_alloc(rq->frame->conn, rq->at, rq->u.io.length, &rq->bulk));
	q.slot = rq->bulk.slot;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_read_call_id(rq_fsd(rq), &q, &opt, read_reply, rq, &rq->call_id));
}

static nt
read_request(struct rq *rq, struct rd r)
{
	struct open *o = rq_open(rq);
	struct smb2_read_req req;

	TRY(smb2_read_req_decode(&r, &req));
	REQUIRE(req.length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	REQUIRE(req.channel == SMB2_CHANNEL_NONE, STATUS_INVALID_PARAMETER);
	if (o->pipe)
		return pipe_read(o->pipe, rq, req.length);
	/* Offsets are signed in the object store; [MS-FSA] 2.1.5.3. */
	REQUIRE(req.offset <= INT64_MAX && req.length <= INT64_MAX - req.offset,
	    STATUS_INVALID_PARAMETER);
	rq->u.io.offset  = req.offset;
	rq->u.io.length  = req.length;
	rq->u.io.minimum = req.minimum_count;
	return rq_try(rq);
}

const struct smbd_cmd smbd_cmd_read = {
	.request = read_request,
	.bulk    = read_bulk,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
	.cancel  = pipe_cancel,
};
