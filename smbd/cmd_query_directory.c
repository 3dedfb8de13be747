/* cmd_query_directory.c - QUERY_DIRECTORY: fsd fills one buffer of entries.  [MS-SMB2] 3.3.5.18 */
#include "base/utf16.h"
#include "proto/smb2/query_directory.h"
#include "smbd/rq.h"

static void
query_directory_reply(void *ctx, nt status, const struct fsd_query_dir_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;
	struct smb2_query_directory_rsp a;
	struct wr *w;

	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	a.output = rq->bulk.slot == SLOT_NONE ? data : SPAN(rq->bulk.p, rsp->length);
	if (rsp->length != a.output.n || rsp->length > rq->u.io.length) {
		rq_fail(rq, STATUS_INTERNAL_ERROR);
		return;
	}
	w = rq_body(rq, a.output.n + 64);
	if (!w)
		return;
	smb2_query_directory_rsp_encode(w, RQ_HDR_AT, &a);
	bulk_free(rq_worker(rq), &rq->bulk);
	rq_done(rq, STATUS_SUCCESS);
}

/* The pattern waits in out, which nobody else uses before the answer. */
static nt
query_directory_bulk(struct rq *rq)
{
	struct call_opt opt        = rq_opt(rq);
	struct fsd_query_dir_req q = { .file = rq->file, .class_ = rq->u.io.class_,
		.flags = (uint8_t)rq->u.io.flags, .index = (uint32_t)rq->u.io.offset,
		.pattern = str_of((const char *)rq->out), .max = rq->u.io.length };

	TRY(bulk_alloc(rq->frame->conn, rq->at, rq->u.io.length, &rq->bulk));
	q.slot = rq->bulk.slot;
	return rq_asked(rq, rq_fsd(rq),
	    fsd_query_dir_call_id(rq_fsd(rq), &q, &opt, query_directory_reply, rq, &rq->call_id));
}

static nt
query_directory_request(struct rq *rq, struct rd r)
{
	struct smb2_query_directory_req req;
	size_t n;

	TRY(smb2_query_directory_req_decode(&r, &req));
	REQUIRE(!rq_open(rq)->pipe, STATUS_INVALID_PARAMETER);
	REQUIRE(req.output_length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	static_assert(RQ_OUT > NAME_BOUND, "a pattern fits");
	REQUIRE(!nt_failed(utf16_to_utf8(req.pattern, (char *)rq->out, NAME_BOUND + 1, &n)),
	    STATUS_OBJECT_NAME_INVALID);
	rq->u.io.class_ = req.info_class;
	rq->u.io.flags  = req.flags;
	rq->u.io.offset = req.file_index;
	rq->u.io.length = req.output_length < QUERY_DIR_MAX ? req.output_length : QUERY_DIR_MAX;
	return rq_try(rq);
}

const struct smbd_cmd smbd_cmd_query_directory = {
	.request = query_directory_request,
	.bulk    = query_directory_bulk,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
