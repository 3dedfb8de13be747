/*
 * lock.h - byte-range locks of a file.  [MS-FSA] 2.1.4.10, 2.1.5.8, 2.1.5.9
 * Not for: waiting (op_lock.c).
 */
#ifndef FSD_LOCK_H
#define FSD_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

struct file;
struct handle;

struct lock {
	struct lock *next;
	const struct handle *handle;
	uint64_t offset, length;
	bool exclusive;
};

/* The range does not pass the end of 64-bit space.  STATUS_INVALID_LOCK_RANGE */
nt lock_check_range(uint64_t offset, uint64_t length) MUST_USE;
/* STATUS_LOCK_NOT_GRANTED */
nt lock_add(struct file *, const struct handle *, uint64_t offset, uint64_t length,
    bool exclusive) MUST_USE;
/* Takes the last lock_add() of this file back. */
void lock_undo(struct file *);
/* Exactly that range, an exclusive lock before a shared one.  STATUS_RANGE_NOT_LOCKED */
nt lock_remove(struct file *, const struct handle *, uint64_t offset, uint64_t length) MUST_USE;
void locks_release(struct file *, const struct handle *);
/* May this open read or write there?  STATUS_FILE_LOCK_CONFLICT */
nt lock_check_io(const struct file *, const struct handle *, uint64_t offset, uint64_t length,
    bool write) MUST_USE;
uint32_t locks_of(const struct file *, const struct handle *);

#endif
