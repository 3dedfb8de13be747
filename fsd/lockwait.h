/* lockwait.h - lock requests that wait for a range.  [MS-SMB2] 3.3.5.14.2 */
#ifndef FSD_LOCKWAIT_H
#define FSD_LOCKWAIT_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct file;
struct fsd;
struct handle;

/* Keeps the call: it is answered when the range is free, cancelled, or the open goes. */
void lock_wait_begin(struct handle *, struct call *, uint64_t offset, uint64_t length,
    bool exclusive);
/* Locks of f have gone: in order of arrival, who can have theirs now? */
void lock_waits_retry(struct fsd *, struct file *);

#endif
