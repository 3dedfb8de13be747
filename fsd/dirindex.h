/*
 * dirindex.h - which name of a directory is this one, case aside?
 *
 * Per directory a hash of folded names, so that a missing name in a folder of
 * 10,000 costs no scan.  inotify keeps it true and is drained before every
 * answer; on overflow, without a watch, or on a file system where others make
 * changes that inotify does not see, the directory's times decide.  Main thread only.
 */
#ifndef FSD_DIRINDEX_H
#define FSD_DIRINDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"
#include "fsd/name.h"

struct dirindex;

/* max_names: of all directories together; the least recently used go first. */
struct dirindex *dirindex_new(size_t max_names);
void dirindex_drop(struct dirindex *);

/*
 * dir: a descriptor of the directory, O_PATH will do.  wire: one component.
 * STATUS_OBJECT_NAME_NOT_FOUND if no name matches; other failures if the
 * directory cannot be read as who the thread acts as.
 */
nt dirindex_find(struct dirindex *, int dir, const char *wire, char ret[NAME_DISK]) MUST_USE;
/* Directories read so far: tests and status see that answers come without reading. */
uint64_t dirindex_scans(const struct dirindex *);

#endif
