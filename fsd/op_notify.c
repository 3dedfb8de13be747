/* op_notify.c - fsd_notify: waits for changes in a directory.  [MS-SMB2] 3.3.5.19 */
#include "fsd/handle.h"
#include "fsd/notify.h"
#include "proto/smb2/const.h"

nt
fsd_notify(struct fsd *me, struct call *c, const struct fsd_notify_req *req,
    struct fsd_notify_rsp *rsp)
{
	struct handle *h;

	(void)rsp;
	TRY(handle_use(me, c, req->file, &h));
	REQUIRE(h->is_dir, STATUS_INVALID_PARAMETER);
	REQUIRE(h->access & FILE_LIST_DIRECTORY, STATUS_ACCESS_DENIED);
	return notify_wait(h, c, req);
}
