/*
 * oplock.h - what opens of one file may cache: level II, exclusive and batch
 * oplocks, each one open's, and leases, each one client's (lease.h).  Granting,
 * breaking, waiting for the acknowledgement.
 * [MS-SMB2] 3.3.4.6, 3.3.5.22.1; [MS-FSA] 2.1.4.12, 2.1.5.18
 */
#ifndef FSD_OPLOCK_H
#define FSD_OPLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

struct file;
struct fsd;
struct fsd_open_req;
struct handle;
struct lease;

#define OPLOCK_STABLE  0xFEu	/* handle->breaking_to: no break is out */
#define OPLOCK_WAIT_MS 35000u	/* 3.3.6.2, .5: then the holder is taken to have agreed */

/* What moment of an open this is: a batch oplock is broken before sharing is judged. */
enum oplock_when { OPLOCK_BEFORE_SHARING, OPLOCK_AFTER_SHARING };

/* Who comes: own, a lease that the open is going to join, does not break itself. */
struct oplock_comer {
	const struct lease *own;	/* or NULL */
	uint32_t access;
	bool overwrite;			/* the data will be gone */
};

/*
 * Somebody opens f.  Sends the breaks that are due.  True: wait, and ask again
 * when told (park.h).
 */
bool oplock_open_breaks(struct file *, enum oplock_when, const struct oplock_comer *);
/*
 * The open is in conflict with the sharing of others, or a name that they have open changes: who
 * caches handles may have kept them open without need.  own as above.  True: wait.
 */
bool oplock_handle_breaks(struct file *, const struct lease *own);
/*
 * Data, size or locks are changed by an open: level II ends for everybody, who
 * changes it included (2.1.4.12), leases but its own end, and nobody waits.
 */
void oplock_change_breaks(struct handle *);
/*
 * A new open gets of what it asked for, in handle->oplock and its lease.  Call when it is among
 * f's handles.  only_looks: access_is_stat(), and it did not overwrite either.
 */
void oplock_grant(struct handle *, const struct fsd_open_req *, bool only_looks);
/* The client's answer.  STATUS_INVALID_OPLOCK_PROTOCOL, STATUS_INVALID_PARAMETER */
nt oplock_acknowledge(struct handle *, uint8_t level) MUST_USE;
/* The open goes; whoever waited for it goes on (park_retry() is the caller's). */
void oplock_end(struct handle *);

#endif
