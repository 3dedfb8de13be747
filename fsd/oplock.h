/*
 * oplock.h - level II, exclusive and batch oplocks: granting, breaking, waiting
 * for the acknowledgement.  [MS-SMB2] 3.3.4.6, 3.3.5.22.1; [MS-FSA] 2.1.4.12
 * Not for: leases.
 */
#ifndef FSD_OPLOCK_H
#define FSD_OPLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

struct file;
struct fsd;
struct handle;

#define OPLOCK_STABLE  0xFEu	/* handle->breaking_to: no break is out */
#define OPLOCK_WAIT_MS 35000u	/* 3.3.6.2: then the holder is taken to have agreed */

/* What moment of an open this is: a batch oplock is broken before sharing is judged. */
enum oplock_when { OPLOCK_BEFORE_SHARING, OPLOCK_AFTER_SHARING };

/*
 * Somebody opens f with access; overwrite: the data will be gone.  Sends the
 * breaks that are due.  True: wait, and ask again when told (park.h).
 */
bool oplock_open_breaks(struct file *, enum oplock_when, uint32_t access, bool overwrite);
/*
 * Data, size or locks change: level II ends for everybody, who changes it
 * included (2.1.4.12), and nobody waits.
 */
void oplock_change_breaks(struct file *);
/*
 * What a new open gets of what it asked for.  Call when it is among f's handles.
 * only_looks: access_is_stat(), and it did not overwrite either.
 */
uint8_t oplock_grant(struct handle *, uint8_t asked, bool only_looks);
/* The client's answer.  STATUS_INVALID_OPLOCK_PROTOCOL, STATUS_INVALID_PARAMETER */
nt oplock_acknowledge(struct handle *, uint8_t level) MUST_USE;
/* The open goes; whoever waited for it goes on (park_retry() is the caller's). */
void oplock_end(struct handle *);

#endif
