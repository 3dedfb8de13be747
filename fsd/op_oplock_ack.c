/* op_oplock_ack.c - fsd_oplock_ack.  [MS-SMB2] 3.3.5.22 */
#include "fsd/handle.h"
#include "fsd/lease.h"
#include "fsd/oplock.h"

/*
 * 3.3.5.22.2.  We differ: of a lease that this worker has no open of nobody there was told anything,
 * whatever key and client it names.
 */
static nt
lease_ack(struct fsd *me, const struct peer *p, const struct fsd_oplock_ack_req *req,
    struct fsd_oplock_ack_rsp *rsp)
{
	struct lease *l = lease_find(me->leases, &req->client_guid, &req->lease_key);

	REQUIRE(l && lease_is_of(l, p), STATUS_OBJECT_NAME_NOT_FOUND);
	TRY(lease_acknowledge(l, req->lease_state));
	rsp->lease_state = l->state;
	return STATUS_SUCCESS;
}

nt
fsd_oplock_ack(struct fsd *me, struct call *c, const struct fsd_oplock_ack_req *req,
    struct fsd_oplock_ack_rsp *rsp)
{
	struct handle *h;

	if (req->is_lease)
		return lease_ack(me, peer_of(c), req, rsp);
	TRY(handle_find(me, c, req->file, &h));
	TRY(oplock_acknowledge(h, req->level));
	rsp->level = h->oplock;
	return STATUS_SUCCESS;
}
