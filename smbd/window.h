/*
 * window.h - the message ids a client may use, and how many credits it holds.
 * Pure: one for each connection, handed from gate to worker.  [MS-SMB2]
 * 3.3.1.1, 3.3.1.2, 3.3.5.2.3
 */
#ifndef SMBD_WINDOW_H
#define SMBD_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define WINDOW_MAX 8192u

/*
 * Ids in [low, low + range) were granted; a bit in used says that one came.
 * low is never used.  An id that never comes holds low, and so the range: a
 * client that skips ids runs out of credits, not us out of memory.
 */
struct window {
	uint64_t low;
	uint32_t range;
	uint32_t credits;	/* held by the client */
	uint32_t max;		/* of credits and of range; at most WINDOW_MAX */
	uint8_t used[WINDOW_MAX / 8];	/* ring: bit (id % WINDOW_MAX) */
};

/* The client may use id 0. */
void window_init(struct window *, uint32_t max);
/* Uses the ids [id, id + charge).  STATUS_INVALID_PARAMETER, and no change, if one is not free. */
nt window_use(struct window *, uint64_t id, uint16_t charge) MUST_USE;
/*
 * What to grant for a request that paid charge and asks for wanted: at least
 * the charge, at most up to max; limit bounds what is given beyond the charge.
 */
uint16_t window_grant(struct window *, uint16_t charge, uint16_t wanted, uint32_t limit) MUST_USE;

/* For the hand-over: the used ids from low on, and back.  False if they are no such bitmap. */
void window_save(const struct window *, struct wr *);
bool window_load(struct window *, uint64_t low, uint16_t credits, struct span used) MUST_USE;

#endif
