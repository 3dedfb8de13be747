/* op_oplock_ack.c - fsd_oplock_ack.  [MS-SMB2] 3.3.5.22 */
#include "fsd/handle.h"
#include "fsd/oplock.h"

/* Leases are not granted here, so no lease break can be out.  3.3.5.22.2 */
nt
fsd_oplock_ack(struct fsd *me, struct call *c, const struct fsd_oplock_ack_req *req,
    struct fsd_oplock_ack_rsp *rsp)
{
	struct handle *h;

	REQUIRE(!req->is_lease, STATUS_OBJECT_NAME_NOT_FOUND);
	TRY(handle_find(me, c, req->file, &h));
	TRY(oplock_acknowledge(h, req->level));
	rsp->level = h->oplock;
	return STATUS_SUCCESS;
}
