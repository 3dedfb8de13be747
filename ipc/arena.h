/*
 * arena.h - bulk data between two processes on one machine.
 *
 * A sealed memfd of 64 KiB slots, made by the directory for one worker and one
 * fsd and mapped by both.  The worker allocates; fsd owns a run from request to
 * reply and addresses it only by the numbers in the message.  Nothing is ever
 * parsed from arena memory.
 */
#ifndef IPC_ARENA_H
#define IPC_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

#define ARENA_SLOT (64u * 1024)
#define SLOT_NONE  UINT32_MAX

struct arena;

/* The maker's side: a sealed memfd of slots * 64 KiB, or -1. */
int arena_memfd(uint32_t slots);
/* Checks seals and size, maps, closes fd.  STATUS_INVALID_PARAMETER for a memfd that is not ours. */
nt arena_map(int fd, uint32_t slots, struct arena **ret) MUST_USE;
/* One more who drops it: memory that is in use outlives the link. */
struct arena *arena_hold(struct arena *);
void arena_drop(struct arena *);

/* The allocating side.  A run of slots for bytes; STATUS_INSUFFICIENT_RESOURCES when none fits. */
nt arena_alloc(struct arena *, size_t bytes, uint32_t *ret_slot) MUST_USE;
void arena_free(struct arena *, uint32_t slot, size_t bytes);
uint32_t arena_slots(const struct arena *);
uint32_t arena_slots_free(const struct arena *);

/* Both sides: the memory of [slot, slot + bytes), or NULL if that is not inside. */
void *arena_at(const struct arena *, uint32_t slot, size_t bytes);

#endif
