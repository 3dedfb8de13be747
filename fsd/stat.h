/*
 * stat.h - statx and our extended attribute become what the information
 * classes tell.  Not for: fields of an open (access, position, path).
 */
#ifndef FSD_STAT_H
#define FSD_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/nt.h"
#include "fsd/dosattr.h"
#include "proto/fscc/filetime.h"
#include "proto/fscc/stat.h"

#define CLUSTER 4096u		/* what allocation sizes are multiples of */

/* One look at a file. */
struct look {
	struct statx st;
	struct dosattr dos;
	uint32_t ea_size;	/* of a listing only */
};

struct file;

bool look_is_dir(const struct look *);
/* A regular file or directory, the only things that are ever opened. */
bool look_is_servable(const struct look *);
uint64_t look_dev(const struct look *);

nt look_at(int fd, struct look *ret) MUST_USE;
/* The same of a file that is open: its attributes are remembered until its change time moves. */
nt look_file(int fd, struct file *, struct look *ret) MUST_USE;
/* Only statx: for those who need no attributes. */
nt look_stat(int fd, struct look *ret) MUST_USE;

/* hide: the share's rules say HIDDEN. */
void stat_fill(const struct look *, bool hide, struct fscc_stat *ret);
uint32_t stat_attributes(const struct look *, bool hide);
int64_t stat_creation(const struct look *);
int64_t stat_write(const struct look *);

/* What a file of this size occupies, in whole clusters; never wraps. */
uint64_t clusters(uint64_t bytes);

#endif
