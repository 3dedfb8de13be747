/* dirindex.c - folded names per directory, kept true by inotify.  See dirindex.h. */
#include "fsd/dirindex.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/errno.h"
#include "fsd/nameset.h"
#include "fsd/path.h"
#include "fsd/walk.h"

#define DIR_BUCKETS   1024
#define WATCH_MASK                                                                       \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR)

struct dir {
	struct dir *next;		/* in its bucket */
	struct dir *newer, *older;	/* by use */
	struct dir *next_wd;		/* in the bucket of its watch */
	uint64_t dev, ino;
	int wd;				/* -1: not watched, its times decide */
	struct statx_timestamp mtime, ctime;
	struct nameset names;
};

struct dirindex {
	int inotify;		/* -1 if the kernel gave none */
	struct dir *dirs[DIR_BUCKETS];
	struct dir *watched[DIR_BUCKETS];
	struct dir *newest, *oldest;
	size_t names, max_names;
	uint64_t scans;
};

struct dirindex *
dirindex_new(size_t max_names)
{
	struct dirindex *ix = xcalloc(1, sizeof *ix);

	ix->inotify   = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ix->max_names = max_names;
	return ix;
}

/* ---- the names, counted over all directories ---- */

static void
names_clear(struct dirindex *ix, struct dir *d)
{
	ix->names -= d->names.count;
	nameset_clear(&d->names);
}

static void
name_add(struct dirindex *ix, struct dir *d, const char *disk)
{
	ix->names -= d->names.count;
	nameset_add(&d->names, disk);
	ix->names += d->names.count;
}

static void
name_remove(struct dirindex *ix, struct dir *d, const char *disk)
{
	ix->names -= d->names.count;
	nameset_remove(&d->names, disk);
	ix->names += d->names.count;
}

/* ---- the directories ---- */

static struct dir **
dir_slot(struct dirindex *ix, uint64_t dev, uint64_t ino)
{
	struct dir **at = &ix->dirs[(ino ^ dev * 31) % DIR_BUCKETS];

	while (*at && ((*at)->dev != dev || (*at)->ino != ino))
		at = &(*at)->next;
	return at;
}

static void
use_unlink(struct dirindex *ix, struct dir *d)
{
	*(d->newer ? &d->newer->older : &ix->newest) = d->older;
	*(d->older ? &d->older->newer : &ix->oldest) = d->newer;
	d->newer = d->older = NULL;
}

static void
use_link(struct dirindex *ix, struct dir *d)
{
	d->older                                   = ix->newest;
	*(ix->newest ? &ix->newest->newer : &ix->oldest) = d;
	ix->newest                                 = d;
}

static struct dir **
watch_slot(struct dirindex *ix, int wd)
{
	struct dir **at = &ix->watched[(unsigned)wd % DIR_BUCKETS];

	while (*at && (*at)->wd != wd)
		at = &(*at)->next_wd;
	return at;
}

static void
watch_drop(struct dirindex *ix, struct dir *d)
{
	struct dir **at;

	if (d->wd < 0)
		return;
	at  = watch_slot(ix, d->wd);
	*at = d->next_wd;
	(void)inotify_rm_watch(ix->inotify, d->wd);
}

static void
dir_forget(struct dirindex *ix, struct dir *d)
{
	*dir_slot(ix, d->dev, d->ino) = d->next;
	use_unlink(ix, d);
	names_clear(ix, d);
	watch_drop(ix, d);
	free(d);
}

void
dirindex_drop(struct dirindex *ix)
{
	if (!ix)
		return;
	while (ix->newest)
		dir_forget(ix, ix->newest);
	if (ix->inotify >= 0)
		close(ix->inotify);
	free(ix);
}

/* ---- what the kernel tells ---- */

static void
event_take(struct dirindex *ix, const struct inotify_event *ev)
{
	struct dir *d;

	if (ev->mask & IN_Q_OVERFLOW) {
		while (ix->newest)
			dir_forget(ix, ix->newest);
		return;
	}
	d = ev->wd >= 0 ? *watch_slot(ix, ev->wd) : NULL;
	if (!d)
		return;
	if (ev->mask & (IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED))
		dir_forget(ix, d);
	else if (ev->len > 0 && ev->mask & (IN_CREATE | IN_MOVED_TO))
		name_add(ix, d, ev->name);
	else if (ev->len > 0)
		name_remove(ix, d, ev->name);
}

static void
events_drain(struct dirindex *ix)
{
	_Alignas(struct inotify_event) char buf[16384];
	ssize_t n;

	while (ix->inotify >= 0 && (n = read(ix->inotify, buf, sizeof buf)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev = (const void *)(buf + at);

			event_take(ix, ev);
			at += (ssize_t)(sizeof *ev + ev->len);
		}
}

/* ---- reading ---- */

/* File systems whose every change comes by this kernel, so that inotify sees it. */
static bool
fs_is_local(int dir)
{
	static const long local[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
		TMPFS_MAGIC, F2FS_SUPER_MAGIC, 0x2fc12fc1 /* zfs */, 0xca451a4e /* bcachefs */ };
	struct statfs fs;

	if (fstatfs(dir, &fs) != 0)
		return false;
	for (size_t i = 0; i < NELEM(local); i++)
		if ((long)fs.f_type == local[i])
			return true;
	return false;
}

static int
watch_add(const struct dirindex *ix, int dir)
{
	char self[PATH_SELF];

	if (ix->inotify < 0 || !fs_is_local(dir))
		return -1;
	return inotify_add_watch(ix->inotify, path_self(dir, self), WATCH_MASK);
}

struct scan {
	struct dirindex *ix;
	struct dir *d;
};

static bool
scan_entry(void *ctx, const char *name, unsigned char type)
{
	struct scan *s = ctx;

	(void)type;
	name_add(s->ix, s->d, name);
	return true;
}

static nt
dir_read(struct dirindex *ix, struct dir *d, int dir)
{
	struct scan s = { ix, d };

	ix->scans++;
	names_clear(ix, d);
	return walk_dir(dir, scan_entry, &s);
}

static void
names_limit(struct dirindex *ix, const struct dir *keep)
{
	while (ix->names > ix->max_names && ix->oldest != keep)
		dir_forget(ix, ix->oldest);
}

static bool
times_same(const struct dir *d, const struct statx *st)
{
	return memcmp(&d->mtime, &st->stx_mtime, sizeof d->mtime) == 0 &&
	       memcmp(&d->ctime, &st->stx_ctime, sizeof d->ctime) == 0;
}

static struct dir *
dir_make(struct dirindex *ix, int dir, const struct statx *st)
{
	struct dir *d = xcalloc(1, sizeof *d);
	struct dir **at;

	d->dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
	d->ino = st->stx_ino;
	d->wd  = watch_add(ix, dir);	/* before reading: changes meanwhile come as events */
	at     = dir_slot(ix, d->dev, d->ino);
	*at    = d;
	if (d->wd >= 0)
		*watch_slot(ix, d->wd) = d;
	use_link(ix, d);
	return d;
}

/* The directory's index, true as of now. */
static nt
dir_get(struct dirindex *ix, int dir, struct dir **ret)
{
	struct statx st;
	struct dir *d;
	nt s;

	if (statx(dir, "", AT_EMPTY_PATH, STATX_INO | STATX_MTIME | STATX_CTIME, &st) != 0)
		return nt_from_errno(errno);
	events_drain(ix);
	d = *dir_slot(ix, (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor, st.stx_ino);
	if (d) {
		use_unlink(ix, d);
		use_link(ix, d);
		*ret = d;
		if (d->wd >= 0 || times_same(d, &st))
			return STATUS_SUCCESS;
	} else {
		*ret = d = dir_make(ix, dir, &st);
	}
	d->mtime = st.stx_mtime;
	d->ctime = st.stx_ctime;
	s        = dir_read(ix, d, dir);
	if (nt_failed(s))
		dir_forget(ix, d);
	else
		names_limit(ix, d);
	return s;
}

nt
dirindex_find(struct dirindex *ix, int dir, const char *wire, char ret[NAME_DISK])
{
	struct dir *d;
	const char *disk;

	TRY(dir_get(ix, dir, &d));
	disk = nameset_find(&d->names, wire);
	REQUIRE(disk, STATUS_OBJECT_NAME_NOT_FOUND);
	memcpy(ret, disk, strlen(disk) + 1);
	return STATUS_SUCCESS;
}

uint64_t
dirindex_scans(const struct dirindex *ix)
{
	return ix->scans;
}
