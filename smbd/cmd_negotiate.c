/*
 * cmd_negotiate.c - NEGOTIATE and CANCEL, which have no handler in a worker.
 * The gate negotiated; a second NEGOTIATE ends the connection without an
 * answer.  [MS-SMB2] 3.3.5.4
 */
#include "smbd/rq.h"

static nt
negotiate_request(struct rq *rq, struct rd r)
{
	(void)r;
	conn_close(rq->frame->conn, "a second NEGOTIATE");
	return STATUS_SUCCESS;
}

const struct smbd_cmd smbd_cmd_negotiate = { .request = negotiate_request, .pace = RQ_PACE_NONE };

/* Never called: dispatch.c takes CANCEL before there is a request.  3.3.5.16 */
const struct smbd_cmd smbd_cmd_cancel = { .request = negotiate_request, .pace = RQ_PACE_NONE };
