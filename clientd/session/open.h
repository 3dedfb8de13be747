/*
 * open.h - the elements that most messages are made of: CREATE, something about
 * the file it opened, CLOSE, in one compound.  [MS-SMB2] 3.2.4.1.4
 */
#ifndef CLIENTD_SESSION_OPEN_H
#define CLIENTD_SESSION_OPEN_H

#include "clientd/session/session.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/close.h"
#include "proto/smb2/create.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define OPEN_ROOM (MSG_ROOM + 2 * (PATH_BOUND + 2 * NAME_BOUND) + 1024)	/* of a compound that begins with CREATE */
#define FID_RELATED ((struct smb2_fid){ UINT64_MAX, UINT64_MAX })

/* What is not said: FILE_OPEN, shared with everybody, no oplock. */
struct open_how {
	const char *path;	/* as scripts write it */
	uint32_t access, attributes, share, disposition, options;
	uint8_t oplock;
	struct span contexts;
};

/*
 * A script's path as the wire has it: UTF-16LE, backslashes, none in front, behind
 * or doubled.  STATUS_OBJECT_NAME_INVALID for "." and ".." and bad UTF-8.
 */
nt path_encode(const char *path, struct wr *w) MUST_USE;
const char *path_last(const char *path);
/* Do both name the same in a share? */
bool path_same(const char *a, const char *b);

nt add_create(struct msg *, const struct where *, const struct open_how *) MUST_USE;
void add_close(struct msg *, const struct where *, struct smb2_fid, uint16_t flags);
void add_query(struct msg *, const struct where *, struct smb2_fid, uint8_t type, uint8_t info_class,
	       uint32_t additional, uint32_t length);
void add_set(struct msg *, const struct where *, struct smb2_fid, uint8_t type, uint8_t info_class,
	     uint32_t additional, struct span buffer);

/* Sends it and gives the first failure among the elements, in their order. */
nt msg_run(struct msg *) MUST_USE;
/* The output of QUERY_INFO or QUERY_DIRECTORY that is element i. */
nt query_output(struct msg *, unsigned i, struct span *ret) MUST_USE;

/* CREATE alone. */
nt file_open(const struct where *, const struct open_how *, struct smb2_create_rsp *ret) MUST_USE;
nt file_close(const struct where *, struct smb2_fid, struct smb2_close_rsp *ret) MUST_USE;

/* Unix ns of a FILETIME, 0 for none. */
uint64_t unix_of(uint64_t filetime);
void entry_of_stat(const struct fscc_stat *, const char *name, struct client_entry_row_req *ret);
/* cmd_stat.c: by one compound. */
nt stat_entry(const struct where *, const char *path, struct client_entry_row_req *ret) MUST_USE;

#endif
