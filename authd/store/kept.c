/*
 * kept.c - names that tell one boot and one spawner from another.  Reads /proc,
 * so it is for before the sandbox.
 */
#include "authd/store/kept.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STARTED_FIELD 22 /* in /proc/PID/stat, proc(5) */

static const struct {
	const char *prefix;
	size_t map;
} kinds[] = {
	[KEPT_FOR_SPAWNER] = { "sessions-", 128u << 20 },
	[KEPT_FOR_BOOT]	   = { "counters-", 64u << 20 },
};

static void
file_read(const char *path, char *buf, size_t cap)
{
	int fd	  = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, cap - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
}

/* When our parent started; the second field, its name, may hold blanks and brackets. */
static unsigned long long
parent_started(void)
{
	unsigned long long started = 0;
	char path[64], text[1024];
	const char *p;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)getppid());
	file_read(path, text, sizeof text);
	p = strrchr(text, ')');
	for (int field = 2; p && field < STARTED_FIELD; field++)
		p = strchr(p + 1, ' ');
	return p && sscanf(p, " %llu", &started) == 1 ? started : 0;
}

static void
kept_name(enum kept kept, char *buf, size_t cap)
{
	char boot[64];
	size_t n;

	file_read("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
	boot[strcspn(boot, "\n")] = '\0';
	n			  = (size_t)snprintf(buf, cap, "%s%s", kinds[kept].prefix, boot);
	if (kept == KEPT_FOR_SPAWNER && n < cap)
		(void)snprintf(buf + n, cap - n, "-%d-%llu", (int)getppid(), parent_started());
}

static void
earlier_remove(const char *dir, enum kept kept, const char *keep)
{
	const char *prefix = kinds[kept].prefix;
	DIR *d		   = opendir(dir);
	const struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 && strcmp(e->d_name, keep) != 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

nt
kept_open(const char *dir, enum kept kept, struct db **ret)
{
	char name[128], path[PATH_MAX];

	kept_name(kept, name, sizeof name);
	earlier_remove(dir, kept, name);
	REQUIRE(snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path,
		STATUS_NAME_TOO_LONG);
	return db_open(path, kinds[kept].map, false, ret);
}
