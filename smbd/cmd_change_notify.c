/* cmd_change_notify.c - CHANGE_NOTIFY: kept by fsd until something changes.  [MS-SMB2] 3.3.5.19 */
#include "proto/smb2/change_notify.h"
#include "smbd/rq.h"

/* NOTIFY_ENUM_DIR and NOTIFY_CLEANUP are successes without entries. */
static void
change_notify_answer(struct rq *rq, nt status, struct span entries)
{
	struct smb2_change_notify_rsp a = { .output = entries };
	struct wr *w                    = rq_body(rq, entries.n + 64);

	if (!w)
		return;
	smb2_change_notify_rsp_encode(w, RQ_HDR_AT, &a);
	rq_done(rq, status);
}

/* Another one of the same open that waits. */
static struct rq *
change_notify_other(const struct rq *than)
{
	struct conn *c;
	struct frame *f;

	TAILQ_FOREACH(c, &rq_worker(than)->conns, all)
		TAILQ_FOREACH(f, &c->frames, of_conn)
			for (struct rq *rq = f->first; rq; rq = rq->next)
				if (rq->cmd == than->cmd && rq->asked && !rq->cancelled &&
				    rq->chan->session == than->chan->session &&
				    rq->fid.vol == than->fid.vol)
					return rq;
	return NULL;
}

/*
 * The changes crossed a CANCEL, and fsd will not tell them again: who asks next
 * for the same open is told to read the directory.
 */
static void
change_notify_missed(const struct rq *rq)
{
	struct open *o    = rq_open(rq);
	struct rq *other  = o ? change_notify_other(rq) : NULL;
	struct rq *answer = other ? rq_cut(other) : NULL;

	if (answer)
		change_notify_answer(answer, STATUS_NOTIFY_ENUM_DIR, SPAN_NONE);
	else if (o)
		o->missed = true;
}

static void
change_notify_reply(void *ctx, nt status, const struct fsd_notify_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)rsp;
	if (rq->late && !nt_failed(status) && !nt_is(status, STATUS_NOTIFY_CLEANUP))
		change_notify_missed(rq);
	if (!rq_back(rq) || rq_failed(rq, status))
		return;
	if (data.n > rq->u.query.max_out) {
		rq_fail(rq, STATUS_INTERNAL_ERROR);
		return;
	}
	change_notify_answer(rq, status, data);
}

static nt
change_notify_request(struct rq *rq, struct rd r)
{
	struct call_opt opt     = rq_opt(rq);
	struct fsd_notify_req q = { .file = rq->file };
	struct smb2_change_notify_req req;
	struct open *o = rq_open(rq);

	TRY(smb2_change_notify_req_decode(&r, &req));
	/* What is behind it in a compound would wait for a change that may never come.  Windows. */
	REQUIRE(!smb2_chain_more(&rq->frame->more), STATUS_INTERNAL_ERROR);
	REQUIRE(req.output_length <= rq_max_io(rq),
	    STATUS_INVALID_PARAMETER);
	REQUIRE(!o->pipe, STATUS_INVALID_PARAMETER);
	if (o->missed) {
		o->missed = false;
		change_notify_answer(rq, STATUS_NOTIFY_ENUM_DIR, SPAN_NONE);
		return STATUS_SUCCESS;
	}
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
	.cut     = true,
};
