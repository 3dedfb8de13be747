/*
 * fs_info.h - file system information classes.  [MS-FSCC] 2.5
 */
#ifndef PROTO_FSCC_FS_INFO_H
#define PROTO_FSCC_FS_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/fscc/filetime.h"

enum fscc_fs_class {
	FSCC_FS_VOLUME      = 1,
	FSCC_FS_SIZE        = 3,
	FSCC_FS_DEVICE      = 4,
	FSCC_FS_ATTRIBUTE   = 5,
	FSCC_FS_CONTROL     = 6,
	FSCC_FS_FULL_SIZE   = 7,
	FSCC_FS_OBJECT_ID   = 8,
	FSCC_FS_SECTOR_SIZE = 11
};

/* FileSystemAttributes, 2.5.1. */
#define FILE_CASE_SENSITIVE_SEARCH   0x00000001u
#define FILE_CASE_PRESERVED_NAMES    0x00000002u
#define FILE_UNICODE_ON_DISK         0x00000004u
#define FILE_PERSISTENT_ACLS         0x00000008u
#define FILE_SUPPORTS_SPARSE_FILES   0x00000040u
#define FILE_SUPPORTS_REPARSE_POINTS 0x00000080u
#define FILE_NAMED_STREAMS           0x00040000u
#define FILE_READ_ONLY_VOLUME        0x00080000u
#define FILE_SUPPORTS_EXTENDED_ATTRIBUTES 0x00800000u
#define FILE_SUPPORTS_HARD_LINKS     0x00400000u
#define FILE_SUPPORTS_BLOCK_REFCOUNTING 0x08000000u

/* Everything the classes tell about one file system. */
struct fscc_fs {
	int64_t creation_time;	 /* Unix ns or FSCC_TIME_NONE */
	uint32_t serial;
	const char *label;	 /* UTF-8 */
	uint64_t units_total;	 /* allocation units */
	uint64_t units_caller;	 /* free for this caller (quota) */
	uint64_t units_free;	 /* free in fact */
	uint32_t sectors_per_unit, bytes_per_sector;
	uint32_t attributes;	 /* FILE_... above */
	uint32_t name_max;	 /* MaximumComponentNameLength */
	const char *fs_name;	 /* "NTFS": some programs look at it */
	bool read_only;
	uint8_t object_id[16];
};

struct fscc_fs_row {
	uint8_t class;
	const char *name;
	uint16_t fixed;
	bool (*encode)(struct wr *, const struct fscc_fs *); /* true: a name was cut */
};

const struct fscc_fs_row *fscc_fs_find(uint8_t class) MUST_USE;
/* As fscc_file_encode(). */
nt fscc_fs_encode(struct wr *w, uint8_t class, const struct fscc_fs *, bool *ret_cut) MUST_USE;
/* The client's side: fills what the class carries, but its name goes to *ret_name (UTF-16LE). */
nt fscc_fs_decode(struct span, uint8_t class, struct fscc_fs *io, struct span *ret_name) MUST_USE;

#endif
