/*
 * localfs.h - local files that a server's listing names: nothing of it leads out
 * of the directory that the user chose, through no name and no symbolic link.
 */
#ifndef CLI_LOCALFS_H
#define CLI_LOCALFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * NULL if name may be one component of a local path; else what is wrong with it:
 * "..", separators, nothing at all, too long.
 */
const char *local_name_wrong(const char *name);
/*
 * The directory rel ("a/b", "" is root itself) below root, each component a real
 * directory; make: created where missing.  -1: errno.
 */
int local_directory(int root, const char *rel, bool make);
/* Splits "a/b/c" into the directory "a/b" (dir of n bytes) and returns "c"; NULL: too long. */
const char *local_split(const char *rel, char *dir, size_t n);
/* The bytes from the start of a partly written file that are surely there. */
uint64_t local_surely_written(int fd);
/* Access and change time in Unix ns, 0: as it is. */
void local_set_times(int fd, int64_t accessed, int64_t written);

#endif
