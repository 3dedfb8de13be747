/* op_close.c - fsd_close.  [MS-SMB2] 3.3.5.10 */
#include "fsd/handle.h"

nt
fsd_close(struct fsd *me, struct call *c, const struct fsd_close_req *req,
    struct fsd_close_rsp *rsp)
{
	struct fscc_stat st;
	struct handle *h;

	TRY(handle_find(me, c, req->file, &h));
	/* Attributes that cannot be had are zero, 2.2.16; the close happens all the same. */
	if (req->want_stat && !nt_failed(handle_stat(h, &st)))
		*rsp = (struct fsd_close_rsp){
			.creation    = (uint64_t)st.creation_time,
			.access_time = (uint64_t)st.access_time,
			.write       = (uint64_t)st.write_time,
			.change      = (uint64_t)st.change_time,
			.alloc       = st.allocation_size,
			.eof         = st.end_of_file,
			.attributes  = st.attributes,
			.file_id     = st.file_id,
		};
	handle_close(me, h);
	return STATUS_SUCCESS;
}
