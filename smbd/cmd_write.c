/*
 * cmd_write.c - WRITE: payload that came apart from its header lies in the arena
 * already; a small one, or part of a compound, is copied there.  [MS-SMB2] 3.3.5.13
 */
#include "proto/smb2/write.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"

static void
write_answer(struct rq *rq, uint32_t count)
{
	struct smb2_write_rsp a = { .count = count };

	smb2_write_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &a);
	rq_done(rq, STATUS_SUCCESS);
}

static void
write_reply(void *ctx, nt status, const struct fsd_write_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)data;
	if (!rq_back(rq))
		return;
	bulk_free(rq_worker(rq), &rq->bulk);
	rq->bulk_skip = 0;
	if (!rq_failed(rq, status))
		write_answer(rq, rsp->length);
}

/* The payload is in rq->bulk from bulk_skip on; what counts for nobody is changed for what does. */
static nt
write_bulk(struct rq *rq)
{
	struct worker *w       = rq_worker(rq);
	struct call_opt opt    = rq_opt(rq);
	struct fsd_write_req q = { .file = rq->file, .offset = rq->u.io.offset,
		.length = rq->u.io.length, .through = rq->u.io.flags != 0 };
	struct bulk shared;

	if (rq->u.io.length > 0 && !bulk_suits(&rq->bulk, rq->at)) {
		TRY(bulk_alloc(rq->frame->conn, rq->at, rq->u.io.length, &shared));
		memcpy(shared.p, rq->bulk.p + rq->bulk_skip, rq->u.io.length);
		bulk_free(w, &rq->bulk);
		rq->bulk      = shared;
		rq->bulk_skip = 0;
	}
	q.slot      = rq->bulk.p ? rq->bulk.slot : SLOT_NONE;
	q.slot_skip = q.slot == SLOT_NONE ? 0 : rq->bulk_skip;	/* a data frame is the payload alone */
	if (q.slot == SLOT_NONE && rq->u.io.length > 0)
		opt.data = SPAN(rq->bulk.p + rq->bulk_skip, rq->u.io.length);
	return rq_asked(rq, rq_fsd(rq),
	    fsd_write_call_id(rq_fsd(rq), &q, &opt, write_reply, rq, &rq->call_id));
}

/* The payload of a frame that was received whole: gone after this call, so keep it. */
static nt
write_keep(struct rq *rq, struct span data)
{
	nt s = bulk_alloc(rq->frame->conn, rq->at, data.n, &rq->bulk);

	if (nt_is(s, STATUS_RETRY))
		s = bulk_alloc_private(data.n, &rq->bulk);
	TRY(s);
	if (data.n > 0)
		memcpy(rq->bulk.p, data.p, data.n);
	return STATUS_SUCCESS;
}

static nt
write_decode(struct rq *rq, struct rd *r, struct smb2_write_req *ret)
{
	uint32_t data_off;

	if (!rq->bulk.p)
		return smb2_write_req_decode(r, ret);
	TRY(smb2_write_req_decode_prefix(r, r->end + rq->bulk.n - rq->bulk_skip, ret, &data_off));
	ret->data = SPAN(rq->bulk.p + rq->bulk_skip, ret->length);
	return STATUS_SUCCESS;
}

static nt
write_request(struct rq *rq, struct rd r)
{
	struct open *o = rq_open(rq);
	struct smb2_write_req req;

	TRY(write_decode(rq, &r, &req));
	REQUIRE(req.length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	REQUIRE(req.channel == 0, STATUS_INVALID_PARAMETER);
	if (o->pipe) {
		TRY(pipe_write(o->pipe, req.data));
		write_answer(rq, req.length);
		return STATUS_SUCCESS;
	}
	/* Offsets are signed in the object store; [MS-FSA] 2.1.5.4. */
	REQUIRE(req.offset <= INT64_MAX && req.length <= INT64_MAX - req.offset,
	    STATUS_INVALID_PARAMETER);
	rq->u.io.offset = req.offset;
	rq->u.io.length = req.length;
	rq->u.io.flags  = req.flags & SMB2_WRITEFLAG_WRITE_THROUGH;
	if (!rq->bulk.p)
		TRY(write_keep(rq, req.data));
	return rq_try(rq);
}

const struct smbd_cmd smbd_cmd_write = {
	.request = write_request,
	.bulk    = write_bulk,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
