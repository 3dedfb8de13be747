/* path.c - resolution of names, see path.h.  [MS-FSA] 2.1.5.1 */
#include "fsd/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/errno.h"

#define RESOLVE_TRIES 32

static int proc_fd = -1;	/* set once at birth */
static int staying_in = -1;	/* the working directory, if not proc_fd; main thread */

static int
open_beneath(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (uint32_t)(O_PATH | O_CLOEXEC | flags),
		.resolve             = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd = -1;

	/* EAGAIN: somebody renamed meanwhile and the kernel could not be sure. */
	for (int i = 0; i < RESOLVE_TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

/* A link that leads outside is refused, not resolved elsewhere. */
static nt
resolve_error(int err)
{
	return err == EXDEV ? STATUS_ACCESS_DENIED : nt_from_errno(err);
}

nt
path_open(int root, const char *path, int flags, int *ret)
{
	int fd = open_beneath(root, path, flags);

	if (fd < 0)
		return resolve_error(errno);
	*ret = fd;
	return STATUS_SUCCESS;
}

nt
path_open_entry(int dir, const char *name, int *ret)
{
	return path_open(dir, name, O_NOFOLLOW, ret);
}

nt
path_proc_open(void)
{
	if (proc_fd < 0)
		proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return proc_fd < 0 ? nt_from_errno(errno) : STATUS_SUCCESS;
}

nt
path_proc_enter(void)
{
	return fchdir(proc_fd) == 0 ? STATUS_SUCCESS : nt_from_errno(errno);
}

bool
path_stay_in(int dir)
{
	if (staying_in != dir)
		staying_in = fchdir(dir) == 0 ? dir : -1;
	return staying_in == dir;
}

void
path_leave(void)
{
	if (staying_in < 0)
		return;
	staying_in = -1;
	if (fchdir(proc_fd) != 0)
		fatal("cannot return to /proc/self/fd");
}

const char *
path_self(int fd, char buf[PATH_SELF])
{
	path_leave();
	(void)snprintf(buf, PATH_SELF, "%d", fd);
	return buf;
}

nt
path_reopen(int fd, int flags, int *ret)
{
	char name[PATH_SELF];
	int got;

	(void)snprintf(name, sizeof name, "%d", fd);
	got = openat(proc_fd, name, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (got < 0)
		return nt_from_errno(errno);
	*ret = got;
	return STATUS_SUCCESS;
}

/* ---- the client's path ---- */

static nt
path_append(char path[PATH_MAX], const char *name)
{
	size_t at = strlen(path), n = strlen(name);

	REQUIRE(n + 2 <= PATH_MAX - at, STATUS_OBJECT_NAME_INVALID);
	if (at > 0)
		path[at++] = '/';
	memcpy(path + at, name, n + 1);
	return STATUS_SUCCESS;
}

/* Takes the next component off *wire. */
static nt
component_next(const char **wire, char ret[NAME_DISK])
{
	size_t n = strcspn(*wire, "/");

	TRY(name_to_disk(*wire, n, ret));
	*wire += n;
	if (**wire == '/')
		(*wire)++;
	return STATUS_SUCCESS;
}

/* The whole path as it would be on disk if the client's spelling is exact. */
static nt
path_spell(const char *wire, struct lookup *l)
{
	l->path[0] = l->name[0] = '\0';
	while (*wire) {
		TRY(component_next(&wire, l->name));
		TRY(path_append(l->path, l->name));
	}
	return STATUS_SUCCESS;
}

/* The case of the next component, which was not found as spelt, into l. */
static nt
component_find(struct dirindex *ix, int root, struct lookup *l, const char *wire, size_t n)
{
	char as_sent[NAME_WIRE];
	int dir;
	nt s;

	REQUIRE(n < sizeof as_sent, STATUS_OBJECT_NAME_INVALID);
	memcpy(as_sent, wire, n);
	as_sent[n] = '\0';
	TRY(path_open(root, l->path, O_DIRECTORY, &dir));
	s = dirindex_find(ix, dir, as_sent, l->name);
	close(dir);
	return s;
}

/* One step of the slow walk: l->path grows by the component as the disk has it. */
static nt
step(struct dirindex *ix, int root, const char **wire, struct lookup *l)
{
	const char *at = *wire;
	size_t n       = strcspn(at, "/");
	char tried[PATH_MAX];
	int fd;
	nt s;

	TRY(component_next(wire, l->name));
	memcpy(tried, l->path, strlen(l->path) + 1);
	TRY(path_append(tried, l->name));
	s = path_open(root, tried, 0, &fd);
	if (nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND)) {
		TRY(component_find(ix, root, l, at, n));
		return path_append(l->path, l->name);
	}
	TRY(s);
	close(fd);
	memcpy(l->path, tried, strlen(tried) + 1);
	return STATUS_SUCCESS;
}

/* All components but the last, each as the disk has it. */
static nt
walk_parent(struct dirindex *ix, int root, const char **wire, struct lookup *l)
{
	l->path[0] = '\0';
	while (strchr(*wire, '/')) {
		nt s = step(ix, root, wire, l);

		if (nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND))
			return STATUS_OBJECT_PATH_NOT_FOUND;
		TRY(s);
	}
	return STATUS_SUCCESS;
}

static nt
parent_open(int root, struct lookup *l)
{
	nt s = path_open(root, l->path, O_DIRECTORY, &l->parent);

	return nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND) ? STATUS_OBJECT_PATH_NOT_FOUND : s;
}

/* Parent first as spelt, then component by component; then the last one by the index. */
static nt
lookup_slow(struct dirindex *ix, int root, const char *wire, struct lookup *l)
{
	const char *last = strrchr(wire, '/');
	char found[NAME_DISK];
	nt s;

	last = last ? last + 1 : wire;
	l->path[strlen(l->path) - strlen(l->name) - (last > wire ? 1 : 0)] = '\0';
	s = parent_open(root, l);
	if (nt_failed(s)) {
		REQUIRE(nt_is(s, STATUS_OBJECT_PATH_NOT_FOUND) && last > wire, s);
		TRY(walk_parent(ix, root, &wire, l));
		TRY(parent_open(root, l));
		last = wire;
		TRY(component_next(&wire, l->name));
	}
	s = dirindex_find(ix, l->parent, last, found);
	if (nt_ok(s))
		memcpy(l->name, found, sizeof found);
	TRY(path_append(l->path, l->name));
	if (nt_ok(s))
		s = path_open(root, l->path, 0, &l->fd);
	/* A directory that may be entered but not read knows exact names only. */
	if (nt_is(s, STATUS_ACCESS_DENIED) && l->fd < 0)
		s = path_open(root, l->path, 0, &l->fd);
	return nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND) ? STATUS_SUCCESS : s;
}

static nt
lookup_any(struct dirindex *ix, int root, const char *wire, struct lookup *l)
{
	nt s;

	TRY(path_spell(wire, l));
	s = path_open(root, l->path, 0, &l->fd);
	if (!nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND))
		return s;
	return lookup_slow(ix, root, wire, l);
}

nt
path_lookup(struct dirindex *ix, int root, const char *wire, struct lookup *ret)
{
	nt s;

	ret->fd = ret->parent = -1;
	s                     = lookup_any(ix, root, wire, ret);
	if (nt_failed(s)) {
		lookup_close(ret);
	} else if (ret->fd >= 0 && ret->parent >= 0) {
		close(ret->parent);
		ret->parent = -1;
	}
	return s;
}

void
lookup_close(struct lookup *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->parent >= 0)
		close(l->parent);
	l->fd = l->parent = -1;
}

nt
path_parent(int root, const char *path, int *ret_dir, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	size_t n = slash ? (size_t)(slash - path) : 0;

	REQUIRE(*path != '\0', STATUS_ACCESS_DENIED);	/* the root has no name here */
	ENSURE(n < sizeof parent);
	memcpy(parent, path, n);
	parent[n] = '\0';
	TRY(path_open(root, parent, O_DIRECTORY, ret_dir));
	*ret_name = slash ? slash + 1 : path;
	return STATUS_SUCCESS;
}
