/* cmd_close.c - CLOSE.  [MS-SMB2] 3.3.5.10 */
#include "proto/fscc/filetime.h"
#include "proto/smb2/close.h"
#include "smbd/rq.h"

static void
close_answer(struct rq *rq, const struct smb2_close_rsp *rsp)
{
	smb2_close_rsp_encode(rq_body(rq, 128), RQ_HDR_AT, rsp);
	rq_done(rq, STATUS_SUCCESS);
}

static void
close_reply(void *ctx, nt status, const struct fsd_close_rsp *rsp, struct span data)
{
	struct rq *rq          = ctx;
	struct smb2_close_rsp a = { .flags = (uint16_t)rq->u.io.flags };
	struct open *o         = rq_open(rq);

	(void)data;
	if (o)
		open_drop(o);	/* it was the client's until the CREATE before had answered */
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	if (a.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB) {
		a.creation_time    = filetime_from_ns((int64_t)rsp->creation);
		a.last_access_time = filetime_from_ns((int64_t)rsp->access_time);
		a.last_write_time  = filetime_from_ns((int64_t)rsp->write);
		a.change_time      = filetime_from_ns((int64_t)rsp->change);
		a.allocation_size  = rsp->alloc;
		a.end_of_file      = rsp->eof;
		a.file_attributes  = rsp->attributes;
	}
	close_answer(rq, &a);
}

static nt
close_request(struct rq *rq, struct rd r)
{
	struct open *o         = rq_open(rq);
	struct call_opt opt    = rq_opt(rq);
	struct fsd_close_req q = { .file = rq->file };
	struct smb2_close_req req;

	TRY(smb2_close_req_decode(&r, &req));
	if (o->pipe) {
		open_drop(o);
		close_answer(rq, &(struct smb2_close_rsp){ 0 });
		return STATUS_SUCCESS;
	}
	rq->u.io.flags = req.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB;
	q.want_stat    = rq->u.io.flags != 0;
	TRY(rq_asked(rq, rq_fsd(rq),
	    fsd_close_call_id(rq_fsd(rq), &q, &opt, close_reply, rq, &rq->call_id)));
	/* From here on no other request finds it. */
	if (rq->file != FILE_CHAIN)
		open_drop(o);
	return STATUS_SUCCESS;
}

const struct smbd_cmd smbd_cmd_close = {
	.request = close_request,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
