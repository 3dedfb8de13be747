/*
 * op_reclaim.c - fsd_reclaim.  No open here outlives its connection, so there
 * is none to be found.  [MS-SMB2] 3.3.5.9.7, 3.3.5.9.12
 */
#include "fsd/fsd.h"

nt
fsd_reclaim(struct fsd *me, struct call *c, const struct fsd_reclaim_req *req,
    struct fsd_reclaim_rsp *rsp)
{
	(void)me;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_OBJECT_NAME_NOT_FOUND;
}
