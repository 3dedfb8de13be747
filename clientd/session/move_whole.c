/*
 * move_whole.c - a put that replaces a file only when all of it is there: written
 * under a name of its own beside it, then renamed.  Where the server will not have
 * that, the file itself is written, which is the caller's choice to know (the answer
 * says so).  [MS-FSCC] 2.4.42.2
 */
#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/move.h"

#define NAME_ROOM 32u	/* ".put-<16 digits>.part" */

/*
 * Beside the file, whatever its own name's length.  Samba: files marked as sparse under a name with a dot
 * in front are marked as hidden as well, and after the rename as that alone.
 */
static const char *
name_beside(const char *path, bool sparse)
{
	size_t n   = strlen(path), keep;
	char *name = fiber_alloc(n + NAME_ROOM + 1);

	while (n > 0 && (path[n - 1] == '/' || path[n - 1] == '\\'))
		n--;
	for (keep = n; keep > 0 && path[keep - 1] != '/' && path[keep - 1] != '\\';)
		keep--;
	memcpy(name, path, keep);
	(void)snprintf(name + keep, NAME_ROOM, "%sput-%016llx.part", sparse ? "" : ".",
		       (unsigned long long)random_u64());
	return strlen(name) <= PATH_BOUND ? name : NULL;
}

/* May it be renamed over?  What is no file, or is held by others, is left to the usual way and its status. */
static bool
may_be_replaced(const struct where *w, const char *path)
{
	const struct open_how how = { .path = path, .access = DELETE | FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN,
				      .options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_create_rsp was;
	nt s;

	if (nt_failed(where_begin(&m, w, OPEN_ROOM)) || nt_failed(add_create(&m, w, &how)))
		return false;
	add_close(&m, w, FID_RELATED, 0);
	s = msg_run(&m);
	if (nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND))
		return true;
	return !nt_failed(s) && !nt_failed(smb2_create_rsp_decode(&m.reply[0].body, &was)) &&
	       !(was.file_attributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_READONLY));
}

nt
whole_begin(struct move *mv, const struct where *w)
{
	struct open_how named = { .access = WRITE_ACCESS | DELETE, .disposition = FILE_CREATE,
				  .options = FILE_NON_DIRECTORY_FILE };
	struct msg m CLEANUP(msg_end) = { 0 };
	nt s;

	if (!(mv->flags & MOVE_WHOLE) || mv->begun)
		return STATUS_SUCCESS;
	named.path = may_be_replaced(w, mv->path)
			     ? name_beside(mv->path, local_is_sparse(&mv->local)) : NULL;
	REQUIRE(conn_is_open(conn_alive(w->conn)), STATUS_CONNECTION_RESET);
	mv->begun = true;
	if (!named.path)
		return STATUS_SUCCESS;
	TRY(where_begin(&m, w, OPEN_ROOM));
	TRY(add_create(&m, w, &named));
	add_close(&m, w, FID_RELATED, 0);
	s = msg_run(&m);
	TRY(m.lost);
	if (nt_failed(s))
		log_info("a file is written in place path=%s status=%s", log_qs(mv->path), nt_name(s));
	else
		mv->beside = named.path;
	return STATUS_SUCCESS;
}

static nt
rename_over(const struct move *mv, const struct where *w, struct smb2_fid fid)
{
	uint8_t name[2 * PATH_BOUND], body[2 * PATH_BOUND + 32];
	struct wr nw = wr_init(name, sizeof name), bw = wr_init(body, sizeof body);
	struct msg m CLEANUP(msg_end) = { 0 };
	struct fscc_rename to	      = { .flags = FSCC_RENAME_REPLACE };

	TRY(path_encode(mv->path, &nw));
	to.name = wr_done(&nw);
	fscc_rename_encode(&bw, &to);
	TRY(where_begin(&m, w, MSG_ROOM + bw.pos));
	add_set(&m, w, fid, SMB2_0_INFO_FILE, FSCC_FILE_RENAME, 0, wr_done(&bw));
	return msg_run(&m);
}

/* Nobody waits for it: the call has failed, and may have been cancelled. */
void
whole_undo(const struct move *mv, const struct where *w)
{
	const struct open_how how = { .path = mv->beside, .access = DELETE, .disposition = FILE_OPEN,
				      .options = FILE_NON_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE };
	struct msg m = { 0 };

	if (!mv->beside || nt_failed(where_begin(&m, w, OPEN_ROOM)))
		return;
	if (nt_failed(add_create(&m, w, &how))) {
		msg_end(&m);
		return;
	}
	add_close(&m, w, FID_RELATED, 0);
	if (nt_failed(msg_submit(&m)))
		msg_end(&m);
	else
		msg_forget(&m);
}

/* [MS-FSA] 2.1.5.15: nothing is renamed over a file that anybody has open, for attributes even. */
nt
whole_end(struct move *mv, const struct where *w, struct smb2_fid fid)
{
	nt s = mv->beside ? rename_over(mv, w, fid) : STATUS_SUCCESS;

	if (nt_failed(s) && conn_is_open(conn_alive(w->conn))) {
		log_info("a file was not replaced path=%s status=%s", log_qs(mv->path), nt_name(s));
		whole_undo(mv, w);
		mv->beside  = NULL;
		mv->refused = true;
	}
	return s;
}
