/*
 * temporary.c - the runtime directory of an instance for one command.  Who lives
 * holds a lock on theirs; what a killed one left is removed by the next.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/spawner/spawner.h"

#define PREFIX	  "bulkhead-client-"
#define TRIES	  16u
#define NAMES_MAX 4096u /* of the base that are looked at: it may be a full /tmp */

/* The lock of a directory that is still there, or -1.  It ends with the descriptor. */
static int
dir_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0 &&
	    st.st_uid == geteuid())
		return fd;
	close(fd);
	return -1;
}

/* What place_temporary() and listen_door() have made; nothing else is in there. */
static bool
dir_remove(const char *runtime)
{
	static const char *const names[] = { "broker.sock", "pass.sock", "links" };
	int top = open(runtime, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		char name[64];

		if (!(tree[row].flags & TREE_BINDS))
			continue;
		place_links_sweep(runtime, peer_role_name(tree[row].role), true);
		(void)snprintf(name, sizeof name, "links/%s", peer_role_name(tree[row].role));
		(void)unlinkat(top, name, AT_REMOVEDIR);
	}
	for (size_t i = 0; i < NELEM(names); i++)
		(void)unlinkat(top, names[i], strcmp(names[i], "links") == 0 ? AT_REMOVEDIR : 0);
	if (top >= 0)
		close(top);
	return rmdir(runtime) == 0;
}

/* Its processes may still be on their way out; then whoever comes next removes it. */
static void
stale_remove(const char *base, const char *name)
{
	char path[PATH_MAX];
	int lock;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", base, name) >= sizeof path)
		return;
	lock = dir_lock(path);
	if (lock < 0)
		return;
	(void)dir_remove(path);
	close(lock);
}

static void
stale_sweep(const char *base)
{
	DIR *d		= opendir(base);
	unsigned left	= NAMES_MAX;
	struct dirent *e;

	while (d && left-- > 0 && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0)
			stale_remove(base, e->d_name);
	}
	if (d)
		(void)closedir(d);
}

/* Locked for as long as this process lives: the descriptor is left to it.  One that is swept is not kept. */
static bool
dir_new(struct instance *inst, const char *base)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if ((size_t)snprintf(inst->runtime, sizeof inst->runtime, "%s/" PREFIX "XXXXXX",
				     base) >= sizeof inst->runtime)
			return place_complain(base, "the path is too long");
		if (!mkdtemp(inst->runtime))
			return place_complain(inst->runtime, strerror(errno));
		if (dir_lock(inst->runtime) >= 0)
			return true;
	}
	return place_complain(inst->runtime, "cannot be locked");
}

bool
place_temporary(struct instance *inst, const char *base)
{
	stale_sweep(base);
	if (!dir_new(inst, base))
		return false;
	/* Where there are no mount namespaces our children come this way. */
	if (place_is_root(inst) && chmod(inst->runtime, 0711) != 0)
		return place_complain(inst->runtime, strerror(errno));
	return place_links_make(inst);
}

void
place_remove(const struct instance *inst)
{
	if (!dir_remove(inst->runtime))
		(void)place_complain(inst->runtime, strerror(errno));
}
