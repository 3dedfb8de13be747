/*
 * file_info.h - file information classes, one row each: what a query answers
 * and what a set request says.  Listings are in dir_info.h.  [MS-FSCC] 2.4
 */
#ifndef PROTO_FSCC_FILE_INFO_H
#define PROTO_FSCC_FILE_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/fscc/filetime.h"
#include "proto/fscc/stat.h"

enum fscc_file_class {
	FSCC_FILE_DIRECTORY         = 1,
	FSCC_FILE_FULL_DIRECTORY    = 2,
	FSCC_FILE_BOTH_DIRECTORY    = 3,
	FSCC_FILE_BASIC             = 4,
	FSCC_FILE_STANDARD          = 5,
	FSCC_FILE_INTERNAL          = 6,
	FSCC_FILE_EA                = 7,
	FSCC_FILE_ACCESS            = 8,
	FSCC_FILE_NAME              = 9,
	FSCC_FILE_RENAME            = 10,
	FSCC_FILE_LINK              = 11,
	FSCC_FILE_NAMES             = 12,
	FSCC_FILE_DISPOSITION       = 13,
	FSCC_FILE_POSITION          = 14,
	FSCC_FILE_FULL_EA           = 15,
	FSCC_FILE_MODE              = 16,
	FSCC_FILE_ALIGNMENT         = 17,
	FSCC_FILE_ALL               = 18,
	FSCC_FILE_ALLOCATION        = 19,
	FSCC_FILE_END_OF_FILE       = 20,
	FSCC_FILE_ALTERNATE_NAME    = 21,
	FSCC_FILE_STREAM            = 22,
	FSCC_FILE_COMPRESSION       = 28,
	FSCC_FILE_NETWORK_OPEN      = 34,
	FSCC_FILE_ATTRIBUTE_TAG     = 35,
	FSCC_FILE_ID_BOTH_DIRECTORY = 37,
	FSCC_FILE_ID_FULL_DIRECTORY = 38,
	FSCC_FILE_VALID_DATA_LENGTH = 39,
	FSCC_FILE_NORMALIZED_NAME   = 48,
	FSCC_FILE_ID                = 59,
	FSCC_FILE_ID_EXTD_DIRECTORY = 60,
	FSCC_FILE_DISPOSITION_EX    = 64,
	FSCC_FILE_RENAME_EX         = 65,
	FSCC_FILE_ID_64_EXTD        = 78,
	FSCC_FILE_ID_64_EXTD_BOTH   = 79,
	FSCC_FILE_ID_ALL_EXTD       = 80,
	FSCC_FILE_ID_ALL_EXTD_BOTH  = 81
};

/* One queried class. */
struct fscc_file_row {
	uint8_t class;
	const char *name;
	uint16_t fixed;	   /* sizeof; smaller output buffers: INFO_LENGTH_MISMATCH */
	uint32_t access;   /* the open must have all of these bits, or ACCESS_DENIED */
	uint32_t refusal;  /* enum nt_code; 0 if the class is answered */
	bool (*encode)(struct wr *, const struct fscc_stat *); /* true: a name was cut */
};

/* NULL for a class that cannot be queried: INVALID_INFO_CLASS. */
const struct fscc_file_row *fscc_file_find(uint8_t class) MUST_USE;

/*
 * Appends the class's answer to w, whose room is the client's output buffer.
 * A name or list that does not fit is cut and *ret_cut set: the command then
 * completes with BUFFER_OVERFLOW.  Fails with INVALID_INFO_CLASS,
 * INFO_LENGTH_MISMATCH, the row's refusal, or OBJECT_NAME_INVALID for a path that
 * is no UTF-8.  Access is the caller's check.
 */
nt fscc_file_encode(struct wr *w, uint8_t class, const struct fscc_stat *, bool *ret_cut) MUST_USE;

/* FileStreamInformation of several streams, 2.4.44.  name: ":x:$DATA" or "::$DATA". */
struct fscc_stream {
	const char *name;
	uint64_t size, allocation_size;
};
nt fscc_streams_encode(struct wr *w, const struct fscc_stream *, size_t n, bool *ret_cut) MUST_USE;

/* Set requests.  All refusals not named otherwise are STATUS_INFO_LENGTH_MISMATCH. */

struct fscc_basic_set { /* 2.4.7 */
	struct fscc_time_set creation_time, access_time, write_time, change_time;
	uint32_t attributes; /* 0: unchanged */
};

/* FileRenameInformation type 2, FileRenameInformationEx, FileLinkInformation type 2. */
struct fscc_rename {
	uint32_t flags; /* FSCC_RENAME_*; the classes without Ex know only REPLACE */
	uint64_t root_directory;
	struct span name; /* UTF-16LE, relative to the share root, not empty */
};
#define FSCC_RENAME_REPLACE            (1u << 0)
#define FSCC_RENAME_POSIX              (1u << 1)
#define FSCC_RENAME_SUPPRESS_PIN       (1u << 2)
#define FSCC_RENAME_IGNORE_READONLY    (1u << 6)

#define FSCC_DISPOSITION_DELETE           (1u << 0)
#define FSCC_DISPOSITION_POSIX            (1u << 1)
#define FSCC_DISPOSITION_FORCE_SECTION    (1u << 2)
#define FSCC_DISPOSITION_ON_CLOSE         (1u << 3)
#define FSCC_DISPOSITION_IGNORE_READONLY  (1u << 4)

nt fscc_basic_decode(struct span, struct fscc_basic_set *ret) MUST_USE;
nt fscc_rename_decode(struct span, struct fscc_rename *ret) MUST_USE;	 /* 2.4.42.2 */
nt fscc_rename_ex_decode(struct span, struct fscc_rename *ret) MUST_USE; /* 2.4.43 */
nt fscc_link_decode(struct span, struct fscc_rename *ret) MUST_USE;	 /* 2.4.28.2 */
nt fscc_disposition_decode(struct span, uint32_t *ret_flags) MUST_USE;	 /* DELETE or 0 */
nt fscc_disposition_ex_decode(struct span, uint32_t *ret_flags) MUST_USE;
/* Allocation, end of file, position, valid data length: one 64-bit value, never negative. */
nt fscc_size_decode(struct span, uint64_t *ret) MUST_USE;
nt fscc_mode_decode(struct span, uint32_t *ret) MUST_USE; /* INVALID_PARAMETER for a bad mode */

/* The client's side of the same. */
void fscc_basic_encode(struct wr *, const struct fscc_basic_set *);
void fscc_rename_encode(struct wr *, const struct fscc_rename *); /* all three classes */

/* What a client reads.  Each fills the fields its class carries and leaves the others alone. */
nt fscc_file_decode(struct span, uint8_t class, struct fscc_stat *io) MUST_USE;
/* The name of FileAll-, FileName- or FileNormalizedNameInformation, UTF-16LE. */
nt fscc_file_name_decode(struct span, uint8_t class, struct span *ret) MUST_USE;
/* Walks FileStreamInformation; false at the end or when r is bad. */
struct fscc_stream_found {
	struct span name; /* UTF-16LE */
	uint64_t size, allocation_size;
};
bool fscc_stream_next(struct rd *r, struct fscc_stream_found *ret) MUST_USE;

#endif
