/*
 * path.h - from a client's path to a descriptor beneath a share root.
 *
 * Every look-up is openat2() with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS on
 * the root: symbolic links are followed as long as they stay inside, and ".."
 * of a client never gets here.  What is returned is O_PATH: nothing has been
 * opened yet that could block or have a side effect.
 */
#ifndef FSD_PATH_H
#define FSD_PATH_H

#include <limits.h>
#include <stdbool.h>

#include "base/nt.h"
#include "fsd/dirindex.h"
#include "fsd/name.h"

struct lookup {
	int fd;			/* O_PATH of the object, or -1: missing */
	int parent;		/* O_PATH of its directory; only if missing, else -1 */
	char name[NAME_DISK];	/* the last component, as on disk or as it would be created */
	char path[PATH_MAX];	/* from the root, as on disk; "" is the root itself */
};

/*
 * Success with fd >= 0 (found) or with fd < 0 (all but the last component
 * exist).  STATUS_OBJECT_PATH_NOT_FOUND, _OBJECT_NAME_INVALID, _ACCESS_DENIED …
 */
nt path_lookup(struct dirindex *, int root, const char *wire, struct lookup *ret) MUST_USE;
void lookup_close(struct lookup *);

/* The directory of a path that path_lookup() gave; *ret_name points into path. */
nt path_parent(int root, const char *path, int *ret_dir, const char **ret_name) MUST_USE;
/* O_PATH beneath root; flags are added. */
nt path_open(int root, const char *path, int flags, int *ret) MUST_USE;
/* One component that the disk has, without following a link: of a listing. */
nt path_open_entry(int dir, const char *name, int *ret) MUST_USE;

/*
 * /proc/self/fd, opened before the new root hides it: the way from an O_PATH
 * descriptor to one that reads and writes, with no name to race for.
 */
nt path_proc_open(void) MUST_USE;
/* Makes it the working directory: after the new root is entered. */
nt path_proc_enter(void) MUST_USE;
nt path_reopen(int fd, int flags, int *ret) MUST_USE;

/*
 * The name of fd for calls that take only names: those of /proc/self/fd, which
 * is the working directory but for a moment.  Main thread: it is everybody's.
 */
#define PATH_SELF 16
const char *path_self(int fd, char buf[PATH_SELF]);
/* dir is the working directory until the next path_self() or path_leave(). */
bool path_stay_in(int dir);
void path_leave(void);

#endif
