/*
 * payload.h - where the bytes of a read or write are: in the arena shared with
 * the worker, addressed only by the message's numbers, or in a buffer of ours
 * where no memory is shared.
 */
#ifndef FSD_PAYLOAD_H
#define FSD_PAYLOAD_H

#include <stdint.h>

#include "fsd/fsd.h"
#include "ipc/arena.h"

#define IO_MAX (8u * 1024 * 1024)	/* of one read, write or listing */
#define FILE_END_MAX 0xFFFFFFF0000u	/* where NTFS's files end; clients count on it */

struct payload {
	uint8_t *p;
	uint32_t n;
	uint8_t *own;	/* to be freed and to be sent in the data frame; else NULL */
};

/* Room for an answer.  STATUS_INVALID_PARAMETER for slots outside. */
nt payload_room(struct call *, uint32_t slot, uint32_t n, struct payload *ret) MUST_USE;
/* The bytes of a request; in the data frame they live as long as the call. */
nt payload_given(struct call *, uint32_t slot, uint32_t skip, uint32_t n,
    struct payload *ret) MUST_USE;
void payload_drop(struct payload *);
/* What goes into the data frame of a later answer. */
struct span payload_frame(const struct payload *, uint32_t n);
/* The same for the answer that is given now; the payload may be dropped then. */
void payload_answer(struct call *, const struct payload *, uint32_t n);

#endif
