/* walk.h - all names of a directory, for the index and for "is it empty?". */
#ifndef FSD_WALK_H
#define FSD_WALK_H

#include <stdbool.h>

#include "base/nt.h"

/* False ends the walk.  type: DT_* as the file system says, DT_UNKNOWN if it does not. */
typedef bool walk_fn(void *ctx, const char *name, unsigned char type);

/* Everything but "." and "..", as who the thread acts as. */
nt walk_dir(int dir, walk_fn *, void *ctx) MUST_USE;
nt walk_is_empty(int dir, bool *ret) MUST_USE;

#endif
