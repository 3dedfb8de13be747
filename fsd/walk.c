/* walk.c - getdents64 with a large buffer. */
#include "fsd/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/errno.h"

#define WALK_BUF 65536

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* False if fn ended the walk. */
static bool
batch(const char *buf, ssize_t n, walk_fn *fn, void *ctx)
{
	for (ssize_t at = 0; at < n;) {
		const struct dirent64 *de = (const void *)(buf + at);

		if (!is_dots(de->d_name) && !fn(ctx, de->d_name, de->d_type))
			return false;
		at += de->d_reclen;
	}
	return true;
}

nt
walk_dir(int dir, walk_fn *fn, void *ctx)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *buf;
	ssize_t n;
	nt s = STATUS_SUCCESS;

	if (fd < 0)
		return nt_from_errno(errno);
	buf = xcalloc(1, WALK_BUF);
	while ((n = getdents64(fd, buf, WALK_BUF)) > 0)
		if (!batch(buf, n, fn, ctx))
			break;
	if (n < 0)
		s = nt_from_errno(errno);
	free(buf);
	close(fd);
	return s;
}

static bool
seen(void *ctx, const char *name, unsigned char type)
{
	bool *empty = ctx;

	(void)name;
	(void)type;
	*empty = false;
	return false;
}

nt
walk_is_empty(int dir, bool *ret)
{
	bool empty = true;

	TRY(walk_dir(dir, seen, &empty));
	*ret = empty;
	return STATUS_SUCCESS;
}
