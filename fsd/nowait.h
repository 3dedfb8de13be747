/*
 * nowait.h - may the loop itself do I/O on this file, or might that wait for a
 * disk and is work for the pool?  The kernel says so for each call
 * (RWF_NOWAIT), except where it says that it cannot.
 */
#ifndef FSD_NOWAIT_H
#define FSD_NOWAIT_H

#include <stdbool.h>

struct file;

/* For preadv2(): nothing is to be asked of a file system that is all memory. */
int nowait_flags(const struct file *);
/* For pwritev2(): a file system that cannot say is asked once per open file, and then just written to. */
int nowait_write_flags(const struct file *);
/* The kernel answered EOPNOTSUPP: true if reading need not wait all the same. */
bool nowait_learn(struct file *, int fd);

#endif
