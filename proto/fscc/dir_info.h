/*
 * dir_info.h - directory listings: all classes of [MS-SMB2] 2.2.33, written
 * entry by entry until one does not fit, and read by the client.  [MS-FSCC] 2.4
 */
#ifndef PROTO_FSCC_DIR_INFO_H
#define PROTO_FSCC_DIR_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/fscc/chain.h"
#include "proto/fscc/file_info.h"

/* What may stand between FileNameLength and FileName. */
enum fscc_dir_part {
	FSCC_DIR_END,
	FSCC_DIR_EA,	     /* EaSize; the reparse tag in its place where there is no TAG */
	FSCC_DIR_TAG,	     /* ReparsePointTag */
	FSCC_DIR_SHORT,	     /* ShortNameLength and ShortName */
	FSCC_DIR_PAD2,
	FSCC_DIR_PAD4,
	FSCC_DIR_ID,	     /* FileId of 64 bits */
	FSCC_DIR_ID_128
};
#define FSCC_DIR_PARTS_MAX 6

struct fscc_dir_row {
	uint8_t class;
	const char *name;
	uint8_t fixed; /* bytes before the name; smaller buffers: INFO_LENGTH_MISMATCH */
	bool has_stat; /* times, sizes, attributes */
	uint8_t parts[FSCC_DIR_PARTS_MAX]; /* enum fscc_dir_part, in their order */
};

/* NULL for a class that is no listing: INVALID_INFO_CLASS. */
const struct fscc_dir_row *fscc_dir_find(uint8_t class) MUST_USE;

struct fscc_dir {
	const struct fscc_dir_row *row;
	struct chain chain;
};

/* INVALID_INFO_CLASS, or INFO_LENGTH_MISMATCH if not even a nameless entry fits. */
nt fscc_dir_begin(struct fscc_dir *, struct wr *w, uint8_t class) MUST_USE;
/*
 * Adds one entry.  False if it does not fit: w is as before, and the listing
 * ends here (with INFO_LENGTH_MISMATCH or BUFFER_OVERFLOW if it is the first).
 * name must be valid UTF-8.
 */
bool fscc_dir_put(struct fscc_dir *, const char *name, const struct fscc_stat *) MUST_USE;

/* The client's side.  st fields that the class does not carry stay zero. */
struct fscc_dir_entry {
	struct span name;	/* UTF-16LE */
	struct span short_name; /* UTF-16LE */
	struct fscc_stat st;
};
/* False at the end, or with a bad r. */
bool fscc_dir_next(struct rd *r, const struct fscc_dir_row *, struct fscc_dir_entry *ret) MUST_USE;

#endif
