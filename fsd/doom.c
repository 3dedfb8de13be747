/* doom.c - deletion, see doom.h. */
#include "fsd/doom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/access.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/notify.h"
#include "fsd/path.h"
#include "fsd/walk.h"
#include "proto/fscc/notify.h"

static nt
check_parent(const struct handle *h, const struct look *l)
{
	struct look dir;
	const char *name;
	int fd;
	nt s;

	TRY(path_parent(h->tree->share->root, h->path, &fd, &name));
	s = look_stat(fd, &dir);
	close(fd);
	TRY(s);
	REQUIRE(access_may_unlink(&dir, l, h->who), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

nt
doom_check(const struct handle *h)
{
	struct look l;
	bool empty = true;

	REQUIRE(!h->tree->read_only && *h->path, STATUS_ACCESS_DENIED);
	TRY(look_at(h->fd, &l));
	REQUIRE(!(stat_attributes(&l, false) & FILE_ATTRIBUTE_READONLY), STATUS_CANNOT_DELETE);
	if (h->is_dir)
		TRY(walk_is_empty(h->fd, &empty));
	REQUIRE(empty, STATUS_DIRECTORY_NOT_EMPTY);
	return check_parent(h, &l);
}

void
doom_set(struct handle *h)
{
	struct file *f = h->file;

	doom_clear(f);
	f->doomed       = true;
	f->doomed_share = share_hold(h->tree->share);
	f->doomed_by    = ident_hold(h->who);
	f->doomed_path  = xstrdup(h->path);
	if (h->is_dir)
		notify_dir_doomed(h->fsd, h);
}

void
doom_clear(struct file *f)
{
	if (!f->doomed)
		return;
	share_drop(f->doomed_share);
	ident_drop(f->doomed_by);
	free(f->doomed_path);
	f->doomed       = false;
	f->doomed_share = NULL;
	f->doomed_by    = NULL;
	f->doomed_path  = NULL;
}

/* Somebody may have put another file there: only the one that was open goes. */
static bool
is_still(const struct file *f, struct look *ret)
{
	int fd;
	bool same;

	if (nt_failed(path_open(f->doomed_share->root, f->doomed_path, 0, &fd)))
		return false;
	same = !nt_failed(look_stat(fd, ret)) && look_dev(ret) == f->dev &&
	       ret->st.stx_ino == f->ino;
	close(fd);
	return same;
}

static nt
remove_name(const struct file *f, const struct look *l)
{
	const char *name;
	int dir, err;

	TRY(path_parent(f->doomed_share->root, f->doomed_path, &dir, &name));
	err = unlinkat(dir, name, look_is_dir(l) ? AT_REMOVEDIR : 0) == 0 ? 0 : errno;
	/* A symbolic link to a directory is itself no directory. */
	if (err == ENOTDIR)
		err = unlinkat(dir, name, 0) == 0 ? 0 : errno;
	close(dir);
	return err == 0 ? STATUS_SUCCESS : nt_from_errno(err);
}

void
doom_execute(struct fsd *me, struct file *f)
{
	struct look l;
	nt s;

	creds_become(f->doomed_by);
	if (is_still(f, &l)) {
		s = remove_name(f, &l);
		if (nt_failed(s))
			log_warn("file marked for deletion stays path=%s status=%s",
			    log_qs(f->doomed_path), nt_name(s));
		else
			notify_event(me, f->doomed_share, f->doomed_path,
			    notify_name_change(look_is_dir(&l)), FILE_ACTION_REMOVED);
	}
	doom_clear(f);
}
