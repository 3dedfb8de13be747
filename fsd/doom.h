/*
 * doom.h - deletion: the disposition of an open file, and what happens when its
 * last open goes.  [MS-FSA] 2.1.5.5, 2.1.5.15.3
 */
#ifndef FSD_DOOM_H
#define FSD_DOOM_H

#include <stdbool.h>

#include "base/nt.h"

struct file;
struct fsd;
struct handle;

/*
 * Can this open's name be removed at all?  Asked before anything is promised.
 * STATUS_CANNOT_DELETE, _DIRECTORY_NOT_EMPTY, _ACCESS_DENIED.
 */
nt doom_check(const struct handle *) MUST_USE;
/* As whoever's open this is, by the name it was opened with. */
void doom_set(struct handle *);
void doom_clear(struct file *);
/* The last open of f has gone: its name goes, if it is still that file's. */
void doom_execute(struct fsd *, struct file *);

#endif
