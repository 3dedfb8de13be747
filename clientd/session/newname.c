/*
 * newname.c - where the new name of client.mv leads: the directory that it is to
 * stand in is opened first, as Windows does, so that a name behind a DFS link or a
 * symbolic link is found before anything is renamed.  [MS-SMB2] 3.3.5.21.1, [MS-DFSC] 3.1.5.1
 */
#include "clientd/session/cache.h"
#include "clientd/session/dfs.h"

static bool
is_separator(char c)
{
	return c == '/' || c == '\\';
}

/* "a/b/" is "a" and "b"; "b" is "" and "b". */
static void
name_split(const char *path, const char **ret_dir, const char **ret_last)
{
	char *copy = fiber_strdup(path);
	size_t n   = strlen(copy);

	while (n > 0 && is_separator(copy[n - 1]))
		copy[--n] = '\0';
	while (n > 0 && !is_separator(copy[n - 1]))
		n--;
	*ret_last = fiber_strdup(copy + n);
	copy[n]	  = '\0';
	*ret_dir  = copy;
}

/* What is wrong with the directory otherwise the rename itself will tell. */
static nt
directory_look(struct job *j, const struct job_at *at)
{
	const struct open_how how = { .path = at->path, .access = FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN, .options = FILE_DIRECTORY_FILE };
	struct session *s		  = session_find(j->client, at->session);
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	nt status;

	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	TRY(where_of(s, at->share, &w));
	TRY(where_begin(&m, &w, OPEN_ROOM));
	TRY(add_create(&m, &w, &how));
	add_close(&m, &w, FID_RELATED, 0);
	TRY(msg_exchange(&m));
	status = m.reply[0].status;
	return nt_is(status, STATUS_PATH_NOT_COVERED) || nt_is(status, STATUS_STOPPED_ON_SYMLINK)
		       ? status
		       : STATUS_SUCCESS;
}

void
newname_set(struct job *j, const char *path)
{
	j->to = path;
	cache_forget(j->client, path);	/* no open of ours is to be in its way */
}

nt
newname_find(struct job *j, struct job_at *at)
{
	struct job_at dir = *at;
	char *path	  = fiber_alloc(PATH_BOUND + 1);
	const char *last;
	nt s;

	name_split(at->path, &dir.path, &last);
	do {
		s = directory_look(j, &dir);
	} while (nt_failed(s) && !nt_failed(at_follow(j, &dir, false, s)));
	j->settled = nt_failed(s);
	TRY(s);
	j->settled = snprintf(path, PATH_BOUND + 1, "%s/%s", dir.path, last) > (int)PATH_BOUND;
	REQUIRE(!j->settled, STATUS_NAME_TOO_LONG);
	dir.path = path;
	*at	 = dir;
	newname_set(j, path);
	return STATUS_SUCCESS;
}
