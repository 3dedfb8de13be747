/*
 * rename.c - new names for open files: rename and hard link.
 * [MS-FSA] 2.1.5.15
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "fsd/path.h"
#include "fsd/setinfo.h"
#include "fsd/sharemode.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

/* One change of names in the making. */
struct naming {
	struct fsd *me;
	struct handle *h;
	struct lookup to;	/* what is at the new name, or where it would be */
	int from_dir, to_dir;
	const char *from_name;
	char to_name[NAME_DISK];
	char to_path[PATH_MAX];
	bool replaces;
};

/* The client's name, whole from the share's root, '\' between components. */
static nt
target_decode(const struct fscc_rename *r, char ret[PATH_MAX])
{
	size_t n;

	REQUIRE(r->root_directory == 0, STATUS_INVALID_PARAMETER);
	TRY(utf16_to_utf8(r->name, ret, PATH_MAX, &n));
	REQUIRE(!strchr(ret, '/'), STATUS_OBJECT_NAME_INVALID);
	for (char *p = ret; *p; p++)
		if (*p == '\\')
			*p = '/';
	return STATUS_SUCCESS;
}

/* ---- may it? ---- */

/* A directory with something open inside stays where it is. */
static nt
check_inside(const struct naming *n)
{
	uint32_t pos = 0;
	size_t len   = strlen(n->h->path);
	const struct handle *o;

	while ((o = table_next(n->me->handles, &pos, NULL)) != NULL)
		if (o->tree->share->root == n->h->tree->share->root &&
		    strncmp(o->path, n->h->path, len) == 0 && o->path[len] == '/')
			return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

/* As if the directory were opened to add a name to it. */
static nt
check_target_dir(const struct naming *n)
{
	struct look dir;
	const struct file *f;

	TRY(look_stat(n->to_dir, &dir));
	f = file_find(n->me->files, look_dev(&dir), dir.st.stx_ino);
	if (!f)
		return STATUS_SUCCESS;
	REQUIRE(!f->doomed, STATUS_DELETE_PENDING);
	return sharemode_check(f, FILE_ADD_FILE, FILE_SHARE_READ | FILE_SHARE_WRITE, n->h);
}

/* What would be replaced: no directory, not in use, not protected. */
static nt
check_victim(const struct naming *n, uint32_t flags)
{
	struct look l;

	if (!n->replaces)
		return STATUS_SUCCESS;	/* itself, in another case */
	TRY(look_at(n->to.fd, &l));
	REQUIRE(flags & FSCC_RENAME_REPLACE, STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(!look_is_dir(&l) && !n->h->is_dir, STATUS_ACCESS_DENIED);
	REQUIRE(!file_find(n->me->files, look_dev(&l), l.st.stx_ino), STATUS_ACCESS_DENIED);
	REQUIRE((flags & FSCC_RENAME_IGNORE_READONLY) ||
		    !(stat_attributes(&l, false) & FILE_ATTRIBUTE_READONLY),
	    STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* Not another link to the same file: of two names for one, rename(2) would keep both. */
static bool
is_itself(const struct naming *n)
{
	struct look l;

	return n->to.fd >= 0 && utf8_casecmp(n->to.path, n->h->path) == 0 && !nt_failed(look_stat(n->to.fd, &l)) &&
	       look_dev(&l) == n->h->file->dev && l.st.stx_ino == n->h->file->ino;
}

/* ---- where from, where to ---- */

/* The name may be another file's by now: then there is nothing to be renamed. */
static nt
source_find(struct naming *n)
{
	struct look l;
	int fd;

	TRY(path_parent(n->h->tree->share->root, n->h->path, &n->from_dir, &n->from_name));
	TRY(path_open(n->h->tree->share->root, n->h->path, 0, &fd));
	if (nt_failed(look_stat(fd, &l)))
		l.st.stx_ino = 0;
	close(fd);
	REQUIRE(l.st.stx_ino == n->h->file->ino && look_dev(&l) == n->h->file->dev,
	    STATUS_OBJECT_NAME_NOT_FOUND);
	return STATUS_SUCCESS;
}

/* In the directory that was found, under the name as the client spells it. */
static nt
target_spell(struct naming *n, const char *wire)
{
	const char *last  = strrchr(wire, '/');
	const char *slash = strrchr(n->to.path, '/');
	int dir           = slash ? (int)(slash - n->to.path) : 0;
	int len;

	last = last ? last + 1 : wire;
	TRY(name_to_disk(last, strlen(last), n->to_name));
	/* Replaced is what is there, under its own spelling. */
	if (n->replaces)
		memcpy(n->to_name, slash ? slash + 1 : n->to.path,
		    strlen(slash ? slash + 1 : n->to.path) + 1);
	len = snprintf(n->to_path, sizeof n->to_path, "%.*s%s%s", dir, n->to.path, slash ? "/" : "",
	    n->to_name);
	REQUIRE(len >= 0 && (size_t)len < sizeof n->to_path, STATUS_OBJECT_NAME_INVALID);
	return STATUS_SUCCESS;
}

static nt
target_find(struct naming *n, const struct fscc_rename *r)
{
	char wire[PATH_MAX];
	const char *name;

	TRY(target_decode(r, wire));
	TRY(path_lookup(n->me->index, n->h->tree->share->root, wire, &n->to));
	REQUIRE(n->to.path[0], STATUS_OBJECT_NAME_INVALID);
	n->replaces = n->to.fd >= 0 && !is_itself(n);
	TRY(target_spell(n, wire));
	TRY(path_parent(n->h->tree->share->root, n->to_path, &n->to_dir, &name));
	if (n->to.fd >= 0)
		TRY(check_victim(n, r->flags));
	return check_target_dir(n);
}

static void
naming_end(struct naming *n)
{
	lookup_close(&n->to);
	if (n->from_dir >= 0)
		close(n->from_dir);
	if (n->to_dir >= 0)
		close(n->to_dir);
}

/* ---- doing it ---- */

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
		TRY(check_inside(n));
	TRY(source_find(n));
	TRY(target_find(n, r));
	/* [MS-FSA] 2.1.5.15.11: who caches handles would open by the old name what is not there. */
	if (oplock_handle_breaks(n->h->file, n->h->lease))
		return STATUS_PENDING;
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
	TRY(source_find(n));
	TRY(target_find(n, r));
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
	return s;
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
