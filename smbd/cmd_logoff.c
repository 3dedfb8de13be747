/*
 * cmd_logoff.c - LOGOFF: answered when fsd has closed what the session had
 * open, so nobody meets a file that is still held.  [MS-SMB2] 3.3.5.6
 */
#include "proto/smb2/logoff.h"
#include "smbd/rq.h"

static void
logoff_reply(void *ctx)
{
	struct rq *rq = ctx;

	if (!rq_back(rq))
		return;
	smb2_logoff_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &(struct smb2_logoff_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
}

static nt
logoff_request(struct rq *rq, struct rd r)
{
	struct worker *w = rq_worker(rq);
	struct smb2_logoff_req req;

	TRY(smb2_logoff_req_decode(&r, &req));
	/* Asked first: without any fsd the session's end is known before session_end() returns. */
	TRY(rq_asked(rq, node_directory(w->smbd->node), STATUS_SUCCESS));
	session_end(rq_session(rq), true, logoff_reply, rq);
	return STATUS_SUCCESS;
}

const struct smbd_cmd smbd_cmd_logoff = { .request = logoff_request, .pace = RQ_PACE_NONE };
