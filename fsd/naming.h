/*
 * naming.h - a new name for an open file: where from, where to, and may it?
 * What is done with it: rename.c.  [MS-FSA] 2.1.5.15
 */
#ifndef FSD_NAMING_H
#define FSD_NAMING_H

#include <limits.h>
#include <stdbool.h>

#include "base/nt.h"
#include "fsd/name.h"
#include "fsd/path.h"

struct file;
struct fscc_rename;
struct fsd;
struct handle;

/* One change of names in the making. */
struct naming {
	struct fsd *me;
	struct handle *h;
	struct lookup to;	/* what is at the new name, or where it would be */
	int from_dir, to_dir;
	const char *from_name;
	char to_name[NAME_DISK];
	char to_path[PATH_MAX];
	bool replaces;
	struct file *in_the_way;	/* it fails because of this one's opens, which are told to close */
};

/* A directory with something open inside stays where it is.  STATUS_ACCESS_DENIED */
nt naming_check_inside(struct naming *) MUST_USE;
/* The name may be another file's by now: then there is nothing to be renamed. */
nt naming_source(struct naming *) MUST_USE;
nt naming_target(struct naming *, const struct fscc_rename *) MUST_USE;
void naming_end(struct naming *);

#endif
