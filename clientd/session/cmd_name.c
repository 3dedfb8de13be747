/*
 * cmd_name.c - mkdir, rmdir, rm, mv: CREATE, the change, CLOSE in one compound.
 * The change's own status is what the caller gets, so nothing is claimed that
 * the server did not do.  [MS-FSCC] 2.4.11, 2.4.42
 */
#include "clientd/session/dfs.h"
#include "clientd/session/said.h"

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

/* Within one share only; there, a new name is relative to it even where other names are DFS paths. */
static nt
mv_send(const struct where *w, const struct client_mv_req *req, const char *to, struct msg *m)
{
	const struct open_how how = { .path = req->path.s,
				      .access = DELETE | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
				      .disposition = FILE_OPEN,
				      .options	   = FILE_OPEN_REPARSE_POINT };
	uint8_t name[2 * PATH_BOUND], body[2 * PATH_BOUND + 32];
	struct wr nw		= wr_init(name, sizeof name), bw = wr_init(body, sizeof body);
	struct fscc_rename as	= { .flags = req->replace ? FSCC_RENAME_REPLACE : 0 };

	TRY(path_encode(to, &nw));
	REQUIRE(nw.pos > 0, STATUS_OBJECT_NAME_INVALID);
	as.name = wr_done(&nw);
	fscc_rename_encode(&bw, &as);
	TRY(where_begin(m, w, OPEN_ROOM + bw.pos));
	TRY(add_create(m, w, &how));
	add_set(m, w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_RENAME, 0, wr_done(&bw));
	add_close(m, w, FID_RELATED, 0);
	return msg_run(m);
}

/* Did it open, and its new name lead elsewhere? */
static bool
newname_is_elsewhere(const struct msg *m, nt s)
{
	return m->n > 1 && !nt_failed(m->reply[0].status) &&
	       (nt_is(s, STATUS_STOPPED_ON_SYMLINK) || nt_is(s, STATUS_PATH_NOT_COVERED));
}

/* What is moved has to be found before it can be said that the other name is elsewhere. */
static nt
source_look(const struct where *w, const char *path)
{
	const struct open_how how = { .path = path, .access = FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN,
				      .options	   = FILE_OPEN_REPARSE_POINT };
	struct msg m CLEANUP(msg_end) = { 0 };

	TRY(where_begin(&m, w, OPEN_ROOM));
	TRY(add_create(&m, w, &how));
	add_close(&m, w, FID_RELATED, 0);
	return msg_run(&m);
}

static nt
mv_find(struct job *j, const struct where *w, const char *path, struct job_at *to)
{
	const struct session *there;

	TRY(newname_find(j, to));
	there = session_find(j->client, to->session);
	if (there == w->session && utf8_casecmp(to->share, w->share) == 0)
		return STATUS_SUCCESS;
	TRY(source_look(w, path));
	job_says(j, "%s is on \\\\%s\\%s, the new name on \\\\%s\\%s: nothing is renamed from one to another",
		 said(j->said_at.path), said(w->session->host), said(w->share),
		 said(there ? there->host : "?"), said(to->share));
	return STATUS_NOT_SAME_DEVICE;
}

nt
client_mv(struct client *me, struct job *j, const struct client_mv_req *req,
	  struct client_mv_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 }, again CLEANUP(msg_end) = { 0 };
	struct job_at to		  = j->said_at;
	nt s;

	(void)me;
	(void)rsp;
	to.path = req->to.s;
	TRY(where_find(j, req->session, req->share.s, &w));
	if (j->at.elsewhere || w.dfs)
		TRY(mv_find(j, &w, req->path.s, &to));
	s = mv_send(&w, req, to.path, &m);
	if (!newname_is_elsewhere(&m, s))
		return s;
	TRY(mv_find(j, &w, req->path.s, &to));
	s	   = mv_send(&w, req, to.path, &again);
	j->settled = newname_is_elsewhere(&again, s);
	return s;
}
