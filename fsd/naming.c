/* naming.c - see naming.h. */
#include "fsd/naming.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf16.h"
#include "fsd/handle.h"
#include "fsd/oplock.h"
#include "fsd/sharemode.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/const.h"

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

/* An open may be there only because its client caches handles: that one is told, and waited for. */
static nt
is_in_the_way(struct naming *n, struct file *f)
{
	if (oplock_handle_breaks(f, NULL))
		n->in_the_way = f;
	return STATUS_ACCESS_DENIED;
}

nt
naming_check_inside(struct naming *n)
{
	uint32_t pos = 0;
	size_t len   = strlen(n->h->path);
	nt s         = STATUS_SUCCESS;
	struct handle *o;

	while ((o = table_next(n->me->handles, &pos, NULL)) != NULL)
		if (o->tree->share->root == n->h->tree->share->root &&
		    strncmp(o->path, n->h->path, len) == 0 && o->path[len] == '/')
			s = is_in_the_way(n, o->file);
	return s;
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
check_victim(struct naming *n, uint32_t flags)
{
	struct file *f;
	struct look l;

	if (!n->replaces)
		return STATUS_SUCCESS;	/* itself, in another case */
	TRY(look_at(n->to.fd, &l));
	REQUIRE(flags & FSCC_RENAME_REPLACE, STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(!look_is_dir(&l) && !n->h->is_dir, STATUS_ACCESS_DENIED);
	f = file_find(n->me->files, look_dev(&l), l.st.stx_ino);
	if (f)
		return is_in_the_way(n, f);
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

nt
naming_source(struct naming *n)
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

nt
naming_target(struct naming *n, const struct fscc_rename *r)
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

void
naming_end(struct naming *n)
{
	lookup_close(&n->to);
	if (n->from_dir >= 0)
		close(n->from_dir);
	if (n->to_dir >= 0)
		close(n->to_dir);
}
