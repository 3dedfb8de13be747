/*
 * op_query_info.c - fsd_query_info: file, file system, security.
 * [MS-SMB2] 3.3.5.20, [MS-FSA] 2.1.5.12
 */
#include <string.h>

#include "fsd/ea.h"
#include "fsd/fsinfo.h"
#include "fsd/handle.h"
#include "fsd/path.h"
#include "fsd/security.h"
#include "fsd/shortname.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/fs_info.h"
#include "proto/smb2/const.h"

#define ANSWER_MAX 65536u	/* more than any class takes */

static nt
finish(struct call *c, const struct wr *w, bool cut)
{
	REQUIRE(wr_ok(w), STATUS_INFO_LENGTH_MISMATCH);
	call_set_data(c, wr_done(w));
	return cut ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static struct wr
room(struct call *c, const struct fsd_query_info_req *req)
{
	size_t n = req->max < ANSWER_MAX ? req->max : ANSWER_MAX;

	return wr_init(call_scratch(c, n > 0 ? n : 1), n);
}

static void
short_name(const struct handle *h, char ret[SHORTNAME_MAX])
{
	const char *slash = strrchr(h->path, '/');
	char wire[NAME_WIRE];

	name_to_wire(slash ? slash + 1 : h->path, wire);
	shortname_of(wire, ret);
}

static nt
query_ea(struct call *c, const struct handle *h, const struct fsd_query_info_req *req,
    struct wr *w)
{
	REQUIRE(h->tree->share->flags & SHARE_EAS, STATUS_EAS_NOT_SUPPORTED);
	REQUIRE(h->access & FILE_READ_EA, STATUS_ACCESS_DENIED);
	TRY(ea_list(h->fd, req->tail, w));
	return finish(c, w, false);
}

static nt
query_file(struct call *c, const struct handle *h, const struct fsd_query_info_req *req)
{
	const struct fscc_file_row *row = fscc_file_find(req->class_);
	struct wr w                     = room(c, req);
	bool cut                        = false;
	char path[PATH_MAX], made[SHORTNAME_MAX];
	struct fscc_stat st;

	if (req->class_ == FSCC_FILE_FULL_EA)
		return query_ea(c, h, req, &w);
	REQUIRE(row, STATUS_INVALID_INFO_CLASS);
	REQUIRE((h->access & row->access) == row->access, STATUS_ACCESS_DENIED);
	/* The root has no name.  [MS-FSA] 2.1.5.12.4 */
	REQUIRE(*h->path || req->class_ != FSCC_FILE_ALTERNATE_NAME, STATUS_OBJECT_NAME_NOT_FOUND);
	TRY(handle_stat(h, &st));
	if ((req->class_ == FSCC_FILE_EA || req->class_ == FSCC_FILE_ALL) &&
	    (h->tree->share->flags & SHARE_EAS))
		st.ea_size = ea_size(h->fd);
	name_path_to_wire(h->path, path, sizeof path);
	st.path = path;
	if (req->class_ == FSCC_FILE_ALTERNATE_NAME) {
		short_name(h, made);
		st.short_name = made;
	}
	TRY(fscc_file_encode(&w, req->class_, &st, &cut));
	return finish(c, &w, cut);
}

static nt
query_fs(struct call *c, const struct handle *h, const struct fsd_query_info_req *req)
{
	struct wr w = room(c, req);
	bool cut    = false;
	struct fscc_fs fs;

	TRY(fsinfo_fill(h, &fs));
	TRY(fscc_fs_encode(&w, req->class_, &fs, &cut));
	return finish(c, &w, cut);
}

/* 3.3.5.20.3: what does not fit is not cut; the size that would do goes along. */
static nt
query_security(struct call *c, const struct handle *h, const struct fsd_query_info_req *req)
{
	struct wr w = room(c, req);
	struct look l;
	size_t need;

	REQUIRE(!(req->additional & SACL_SECURITY_INFORMATION), STATUS_ACCESS_DENIED);
	REQUIRE(h->access & READ_CONTROL, STATUS_ACCESS_DENIED);
	TRY(look_stat(h->fd, &l));
	need = security_size(&l, req->additional);
	if (need > req->max) {
		w = wr_init(call_scratch(c, 4), 4);
		wr_u32(&w, (uint32_t)need);
		call_set_data(c, wr_done(&w));
		return STATUS_BUFFER_TOO_SMALL;
	}
	security_put(&w, &l, req->additional);
	return finish(c, &w, false);
}

nt
fsd_query_info(struct fsd *me, struct call *c, const struct fsd_query_info_req *req,
    struct fsd_query_info_rsp *rsp)
{
	struct handle *h;

	(void)rsp;
	TRY(handle_use(me, c, req->file, &h));
	switch (req->type) {
	case SMB2_0_INFO_FILE:
		return query_file(c, h, req);
	case SMB2_0_INFO_FILESYSTEM:
		return query_fs(c, h, req);
	case SMB2_0_INFO_SECURITY:
		return query_security(c, h, req);
	case SMB2_0_INFO_QUOTA:
		return STATUS_NOT_SUPPORTED;
	default:
		return STATUS_INVALID_PARAMETER;
	}
}
