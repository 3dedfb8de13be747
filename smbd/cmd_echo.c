/* cmd_echo.c - ECHO.  [MS-SMB2] 3.3.5.17 */
#include "proto/smb2/echo.h"
#include "smbd/rq.h"

static nt
echo_request(struct rq *rq, struct rd r)
{
	struct smb2_echo_req req;

	TRY(smb2_echo_req_decode(&r, &req));
	smb2_echo_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, &(struct smb2_echo_rsp){ 0 });
	rq_done(rq, STATUS_SUCCESS);
	return STATUS_SUCCESS;
}

const struct smbd_cmd smbd_cmd_echo = { .request = echo_request, .pace = RQ_PACE_NONE };
