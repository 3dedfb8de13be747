/* localfs.c - local files that a server's listing names. */
#include "cli/localfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NS    1000000000
#define BLOCK 65536	/* transfers move at least this much at a time */

const char *
local_name_wrong(const char *name)
{
	if (!name[0])
		return "it is empty";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "it leads elsewhere";
	if (strpbrk(name, "/\\"))
		return "it holds a separator";
	return strlen(name) > NAME_MAX ? "it is too long" : NULL;
}

/* One component below dir, which is closed. */
static int
step_down(int dir, const char *name, bool make)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd, e;

	fd = openat(dir, name, flags);
	if (fd < 0 && errno == ENOENT && make &&
	    (mkdirat(dir, name, 0777) == 0 || errno == EEXIST))
		fd = openat(dir, name, flags);
	e = errno;
	(void)close(dir);
	errno = e;
	return fd;
}

int
local_directory(int root, const char *rel, bool make)
{
	char name[NAME_MAX + 1];
	int fd = fcntl(root, F_DUPFD_CLOEXEC, 0);

	while (fd >= 0 && *rel) {
		size_t n = strcspn(rel, "/");

		if (n == 0 || n > NAME_MAX) {
			(void)close(fd);
			errno = EINVAL;
			return -1;
		}
		memcpy(name, rel, n);
		name[n] = '\0';
		fd      = step_down(fd, name, make);
		rel += n + (rel[n] == '/');
	}
	return fd;
}

const char *
local_split(const char *rel, char *dir, size_t n)
{
	const char *slash = strrchr(rel, '/');
	size_t len        = slash ? (size_t)(slash - rel) : 0;

	if (len >= n)
		return NULL;
	memcpy(dir, rel, len);
	dir[len] = '\0';
	return slash ? slash + 1 : rel;
}

/* Pieces arrive in any order: what comes after the first hole does not count. */
uint64_t
local_surely_written(int fd)
{
	off_t hole = lseek(fd, 0, SEEK_HOLE);

	return hole < 0 ? 0 : (uint64_t)hole / BLOCK * BLOCK;
}

static struct timespec
timespec_of(int64_t ns)
{
	if (ns <= 0)
		return (struct timespec){ .tv_nsec = UTIME_OMIT };
	return (struct timespec){ (time_t)(ns / NS), (long)(ns % NS) };
}

void
local_set_times(int fd, int64_t accessed, int64_t written)
{
	struct timespec t[2] = { timespec_of(accessed), timespec_of(written) };

	(void)futimens(fd, t);
}
