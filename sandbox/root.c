/*
 * root.c - an empty, read-only root that holds only the binds.
 *
 * The binds are cloned as detached trees first and get their flags (no suid,
 * no devices, no exec, read-only) before they are visible anywhere; the tmpfs
 * that becomes the root may therefore cover any directory, even one that a
 * bind lies in.  pivot_root(2), open_tree(2), mount_setattr(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/fatal.h"
#include "base/log.h"
#include "sandbox/parts.h"

/* Any directory will do: it is covered in our own mount namespace only. */
#define COVERED "/tmp"

#define FD_SKIP (-1) /* this source is not there */

static bool
tree_flags_set(int fd, const struct sandbox_bind *b)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

	if (!b->write)
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	if (!b->exec)
		attr.attr_set |= MOUNT_ATTR_NOEXEC;
	return mount_setattr(fd, "", (unsigned)AT_EMPTY_PATH | (b->recursive ? AT_RECURSIVE : 0),
			     &attr, sizeof attr) == 0;
}

/* False if trees cannot be cloned here at all; a source that is missing is only skipped. */
static bool
tree_clone(const struct sandbox_bind *b, int *ret)
{
	int fd = open_tree(AT_FDCWD, b->from,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (b->recursive ? AT_RECURSIVE : 0));

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
		log_error("sandbox: cannot bring in path=%s: %s", log_qs(b->from), strerror(errno));
		*ret = FD_SKIP;
		return true;
	}
	if (fd < 0)
		return false;
	if (!tree_flags_set(fd, b)) {
		close(fd);
		return false;
	}
	*ret = fd;
	return true;
}

static void
trees_close(const int *trees, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (trees[i] != FD_SKIP)
			close(trees[i]);
	}
}

static bool
trees_clone(const struct sandbox *s, int *trees)
{
	for (size_t i = 0; i < s->n_binds; i++) {
		if (!tree_clone(&s->binds[i], &trees[i])) {
			int why = errno;

			trees_close(trees, i);
			errno = why;
			return false;
		}
	}
	return true;
}

/* The directories above path, relative to the working directory. */
static bool
parents_make(const char *path)
{
	char part[4096];

	for (const char *p = path; (p = strchr(p, '/')) != NULL; p++) {
		size_t n = (size_t)(p - path);

		if (n >= sizeof part)
			return false;
		memcpy(part, path, n);
		part[n] = '\0';
		if (n > 0 && mkdir(part, 0755) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

/* Something of the tree's kind to mount it on. */
static bool
target_make(const char *path, int tree)
{
	struct stat st;
	int fd;

	if (fstat(tree, &st) != 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return mkdir(path, 0755) == 0 || errno == EEXIST;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* With the new root as working directory. */
static bool
trees_attach(const struct sandbox *s, const int *trees)
{
	for (size_t i = 0; i < s->n_binds; i++) {
		const char *to = s->binds[i].to;

		ENSURE(to[0] == '/' && to[1] != '\0');
		if (trees[i] == FD_SKIP)
			continue;
		if (!parents_make(to + 1) || !target_make(to + 1, trees[i]))
			return false;
		if (move_mount(trees[i], "", AT_FDCWD, to + 1, MOVE_MOUNT_F_EMPTY_PATH) != 0)
			return false;
	}
	return true;
}

/* After this the old root is gone, so a failure half-way is the end. */
static void
root_swap(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

	if (umount2(".", MNT_DETACH) != 0)
		fatal("umount2 of the old root: %s", strerror(errno));
	if (chdir("/") != 0)
		fatal("chdir to the new root: %s", strerror(errno));
	if (mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof attr) != 0)
		fatal("mount_setattr of the new root: %s", strerror(errno));
}

static bool
root_confirmed(void)
{
	struct statfs f;

	return statfs("/", &f) == 0 && f.f_type == TMPFS_MAGIC && (f.f_flags & ST_RDONLY);
}

static bool
root_enter(const struct sandbox *s, const int *trees)
{
	if (mount("tmpfs", COVERED, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0755,size=64k") != 0)
		return false;
	/* pivot_root(".", ".") stacks the old root on the new one; detaching "." takes it away. */
	if (chdir(COVERED) == 0 && trees_attach(s, trees) && syscall(SYS_pivot_root, ".", ".") == 0)
		return true;

	int why = errno;

	if (chdir("/") != 0 || umount2(COVERED, MNT_DETACH) != 0)
		fatal("cannot uncover %s: %s", COVERED, strerror(errno));
	errno = why;
	return false;
}

bool
root_build(struct sandbox *s)
{
	int trees[SANDBOX_BINDS];
	bool entered;

	if (!trees_clone(s, trees)) {
		log_warn("sandbox: no root of our own, mounts cannot be cloned: %s",
			 strerror(errno));
		return false;
	}
	entered = root_enter(s, trees);
	if (!entered)
		log_warn("sandbox: no root of our own: %s", strerror(errno));
	trees_close(trees, s->n_binds);
	if (!entered)
		return false;
	root_swap();
	if (root_confirmed())
		s->walls |= WALL_ROOT;
	return true;
}
