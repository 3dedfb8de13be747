/*
 * dosattr.h - what Windows keeps of a file and Unix does not: attributes and
 * creation time, in the extended attribute `user.bulkhead`.
 *
 * Layout: u8 version 1, u8 what is valid, u16 0, u32 attributes, u64 creation
 * time, u64 change time, u64 write time (Unix ns), little-endian.  Unix lets
 * nobody set a change time: one that a client set holds until the write time
 * is another.  Users of the machine can write all this as well: it is decoded
 * like any stranger's bytes.  Where the file system has no user
 * attributes, READONLY is the write permission and the rest is not kept.
 */
#ifndef FSD_DOSATTR_H
#define FSD_DOSATTR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define DOSATTR_XATTR "user.bulkhead"

struct dosattr {
	bool has_attributes;
	bool has_creation;
	uint32_t attributes;	/* of FILE_ATTRIBUTE_SETTABLE and SPARSE */
	int64_t creation;
	bool has_change;
	int64_t change, change_write;	/* valid while the write time is the second */
};

/* False if the bytes are not ours; *ret then says that nothing is known. */
bool dosattr_decode(struct span, struct dosattr *ret);
void dosattr_encode(struct wr *, const struct dosattr *);

/* Nothing known is no failure.  fd may be O_PATH.  Main thread only (path_self()). */
void dosattr_load(int fd, struct dosattr *ret);
/* As dosattr_load(), of a name in the directory that path_stay_in() is in: for listings. */
void dosattr_load_name(const char *name, struct dosattr *ret);
/* The caller has checked that the client may.  STATUS_NOT_SUPPORTED without user attributes. */
nt dosattr_store(int fd, const struct dosattr *) MUST_USE;

#endif
