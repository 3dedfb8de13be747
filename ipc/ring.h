/*
 * ring.h - two byte rings in shared memory: a faster lane between a worker and
 * its fsd.  The records are those of every lane, with payload inline.
 *
 * Each side writes one ring and reads the other.  What the other side may do to
 * us: write nonsense into the counters or change bytes behind our back.  So
 * counters are checked and bytes are copied out before anything looks at them.
 */
#ifndef IPC_RING_H
#define IPC_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/nt.h"

struct ring;

/* The maker's side: a sealed memfd, or -1. */
int ring_memfd(void);
/* side 0 or 1; bell_in wakes us, bell_out wakes them (eventfds).  Takes all three descriptors. */
nt ring_map(int memfd, int bell_in, int bell_out, unsigned side, struct ring **ret) MUST_USE;
void ring_drop(struct ring *);
int ring_bell(const struct ring *);	/* to be watched edge-triggered; never read */

/* Writes what fits, rings if they sleep; STATUS_INVALID_PARAMETER if the counters are nonsense. */
nt ring_write(struct ring *, struct span bytes, size_t *ret_n) MUST_USE;
/* Copies out at most cap bytes; 0 when empty. */
nt ring_read(struct ring *, void *dst, size_t cap, size_t *ret_n) MUST_USE;
/*
 * Before sleeping: from now on they must ring.  True if bytes came meanwhile,
 * and then we are awake again.
 */
bool ring_sleep(struct ring *);

#endif
