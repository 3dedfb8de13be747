/*
 * cmd_name.c - mkdir, rmdir, rm, mv: CREATE, the change, CLOSE in one compound.
 * The change's own status is what the caller gets, so nothing is claimed that
 * the server did not do.  [MS-FSCC] 2.4.11, 2.4.42
 */
#include "clientd/session/open.h"

nt
client_mkdir(struct client *me, struct job *j, const struct client_mkdir_req *req,
	     struct client_mkdir_rsp *rsp)
{
	const struct open_how how = { .path = req->path.s, .access = FILE_READ_ATTRIBUTES,
				      .disposition = FILE_CREATE,
				      .attributes  = FILE_ATTRIBUTE_DIRECTORY,
				      .options	   = FILE_DIRECTORY_FILE };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };

	(void)me;
	(void)rsp;
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM));
	TRY(add_create(&m, &w, &how));
	add_close(&m, &w, FID_RELATED, 0);
	return msg_run(&m);
}

/* A link is removed itself, not what it points to. */
static nt
remove_name(struct job *j, uint64_t session, const char *share, const char *path,
	    uint32_t options)
{
	static const uint8_t yes[1] = { 1 };
	const struct open_how how   = { .path = path, .access = DELETE | FILE_READ_ATTRIBUTES,
					.disposition = FILE_OPEN,
					.options     = options | FILE_OPEN_REPARSE_POINT };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };

	TRY(where_find(j, session, share, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM));
	TRY(add_create(&m, &w, &how));
	add_set(&m, &w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_DISPOSITION, 0, SPAN(yes, 1));
	add_close(&m, &w, FID_RELATED, 0);
	return msg_run(&m);
}

nt
client_rmdir(struct client *me, struct job *j, const struct client_rmdir_req *req,
	     struct client_rmdir_rsp *rsp)
{
	(void)me;
	(void)rsp;
	return remove_name(j, req->session, req->share.s, req->path.s, FILE_DIRECTORY_FILE);
}

nt
client_rm(struct client *me, struct job *j, const struct client_rm_req *req,
	  struct client_rm_rsp *rsp)
{
	(void)me;
	(void)rsp;
	return remove_name(j, req->session, req->share.s, req->path.s, FILE_NON_DIRECTORY_FILE);
}

nt
client_mv(struct client *me, struct job *j, const struct client_mv_req *req,
	  struct client_mv_rsp *rsp)
{
	const struct open_how how = { .path = req->path.s,
				      .access = DELETE | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
				      .disposition = FILE_OPEN,
				      .options	   = FILE_OPEN_REPARSE_POINT };
	uint8_t name[2 * PATH_BOUND], body[2 * PATH_BOUND + 32];
	struct wr nw		  = wr_init(name, sizeof name), bw = wr_init(body, sizeof body);
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct fscc_rename to;

	(void)me;
	(void)rsp;
	REQUIRE(!j->at.elsewhere, STATUS_NOT_SUPPORTED);	/* where would the new name be? */
	TRY(path_encode(req->to.s, &nw));
	REQUIRE(nw.pos > 0, STATUS_OBJECT_NAME_INVALID);
	to = (struct fscc_rename){ .flags = req->replace ? FSCC_RENAME_REPLACE : 0,
				   .name  = wr_done(&nw) };
	fscc_rename_encode(&bw, &to);
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM + bw.pos));
	TRY(add_create(&m, &w, &how));
	add_set(&m, &w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_RENAME, 0, wr_done(&bw));
	add_close(&m, &w, FID_RELATED, 0);
	return msg_run(&m);
}
