/* op_name.c - fsd_name: how a file that is open is called now. */
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/name.h"

nt
fsd_name(struct fsd *me, struct call *c, const struct fsd_name_req *req, struct fsd_name_rsp *rsp)
{
	char *path = call_scratch(c, PATH_BOUND + 1);
	struct handle *h;

	TRY(handle_find(me, c, req->file, &h));
	name_path_to_wire(h->path, path, PATH_BOUND + 1);
	*rsp = (struct fsd_name_rsp){ .path = str_of(path),
		.deletes                    = h->delete_on_close || h->file->doomed };
	return STATUS_SUCCESS;
}
