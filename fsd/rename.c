/*
 * rename.c - new names for open files: rename and hard link, done and told.
 * [MS-FSA] 2.1.5.15
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/naming.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "fsd/setinfo.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

static nt
rename_it(const struct naming *n)
{
	unsigned flags = n->to.fd >= 0 ? 0 : RENAME_NOREPLACE;

	if (renameat2(n->from_dir, n->from_name, n->to_dir, n->to_name, flags) == 0)
		return STATUS_SUCCESS;
	/* A file system without the flag: we have looked, and cannot do better. */
	if (errno == EINVAL && flags != 0 &&
	    renameat2(n->from_dir, n->from_name, n->to_dir, n->to_name, 0) == 0)
		return STATUS_SUCCESS;
	return nt_from_errno(errno);
}

static bool
same_dir(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
	size_t n = x ? (size_t)(x - a) : 0, m = y ? (size_t)(y - b) : 0;

	return n == m && memcmp(a, b, n) == 0;
}

static void
tell_renamed(const struct naming *n, const char *old)
{
	const struct share *s = n->h->tree->share;
	uint32_t what         = notify_name_change(n->h->is_dir);
	bool here             = same_dir(old, n->to_path);

	if (n->replaces)
		notify_event(n->me, s, n->to_path, what, FILE_ACTION_REMOVED);
	notify_event(n->me, s, old, what, here ? FILE_ACTION_RENAMED_OLD_NAME : FILE_ACTION_REMOVED);
	notify_event(n->me, s, n->to_path, what,
	    here ? FILE_ACTION_RENAMED_NEW_NAME : FILE_ACTION_ADDED);
}

/* All opens by the old name know the new one. */
static void
paths_update(const struct naming *n, const char *old)
{
	for (struct handle *o = n->h->file->handles; o; o = o->file_next) {
		if (strcmp(o->path, old) != 0)
			continue;
		free(o->path);
		o->path = xstrdup(n->to_path);
	}
}

static nt
rename_run(struct naming *n, const struct fscc_rename *r)
{
	char *old;

	REQUIRE(*n->h->path && !n->h->tree->read_only, STATUS_ACCESS_DENIED);
	REQUIRE(!(r->flags & FSCC_RENAME_POSIX), STATUS_NOT_SUPPORTED);
	REQUIRE(!n->h->file->doomed, STATUS_DELETE_PENDING);
	if (n->h->is_dir)
		TRY(naming_check_inside(n));
	TRY(naming_source(n));
	TRY(naming_target(n, r));
	/* [MS-FSA] 2.1.5.15.11: who caches handles would open by the old name what is not there. */
	if (oplock_handle_breaks(n->h->file, n->h->lease)) {
		n->in_the_way = n->h->file;
		return STATUS_SHARING_VIOLATION;
	}
	TRY(rename_it(n));
	old = xstrdup(n->h->path);
	paths_update(n, old);
	tell_renamed(n, old);
	free(old);
	return STATUS_SUCCESS;
}

static nt
link_it(const struct naming *n)
{
	if (n->replaces && unlinkat(n->to_dir, n->to_name, 0) != 0)
		return nt_from_errno(errno);
	if (linkat(n->from_dir, n->from_name, n->to_dir, n->to_name, 0) != 0)
		return nt_from_errno(errno);
	return STATUS_SUCCESS;
}

static nt
link_run(struct naming *n, const struct fscc_rename *r)
{
	REQUIRE(!n->h->is_dir, STATUS_FILE_IS_A_DIRECTORY);
	REQUIRE(!n->h->tree->read_only, STATUS_ACCESS_DENIED);
	REQUIRE(!n->h->file->doomed, STATUS_ACCESS_DENIED);
	TRY(naming_source(n));
	TRY(naming_target(n, r));
	REQUIRE(n->to.fd < 0 || n->replaces, STATUS_OBJECT_NAME_COLLISION);
	TRY(link_it(n));
	notify_event(n->me, n->h->tree->share, n->to_path, notify_name_change(false),
	    FILE_ACTION_ADDED);
	return STATUS_SUCCESS;
}

static nt
name_anew(struct fsd *me, struct handle *h, const struct fscc_rename *r,
    nt (*run)(struct naming *, const struct fscc_rename *))
{
	struct naming n = { .me = me, .h = h, .to = { .fd = -1, .parent = -1 }, .from_dir = -1,
		.to_dir = -1 };
	nt s            = run(&n, r);

	naming_end(&n);
	if (!nt_failed(s) || !n.in_the_way)
		return s;
	h->in_the_way = n.in_the_way;
	return STATUS_PENDING;
}

nt
setinfo_rename(struct fsd *me, struct handle *h, struct span buf)
{
	struct fscc_rename r;

	TRY(fscc_rename_decode(buf, &r));
	return name_anew(me, h, &r, rename_run);
}

nt
setinfo_rename_ex(struct fsd *me, struct handle *h, struct span buf)
{
	struct fscc_rename r;

	TRY(fscc_rename_ex_decode(buf, &r));
	return name_anew(me, h, &r, rename_run);
}

nt
setinfo_link(struct fsd *me, struct handle *h, struct span buf)
{
	struct fscc_rename r;

	TRY(fscc_link_decode(buf, &r));
	return name_anew(me, h, &r, link_run);
}
