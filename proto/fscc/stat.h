/*
 * stat.h - everything the information classes tell about one file.  Filled by
 * the file side, read by every encoder of proto/fscc.  [MS-FSCC] 2.4, 2.6
 */
#ifndef PROTO_FSCC_STAT_H
#define PROTO_FSCC_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/smb2/const.h" /* FILE_ATTRIBUTE_... */

/* What a client may set; DIRECTORY and NORMAL are read, the rest is ours to know. */
#define FILE_ATTRIBUTE_SETTABLE                                                          \
	(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |       \
	 FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_OFFLINE |    \
	 FILE_ATTRIBUTE_NOT_CONTENT_INDEXED)

struct fscc_stat {
	/* Unix ns, or FSCC_TIME_NONE. */
	int64_t creation_time, access_time, write_time, change_time;
	uint64_t allocation_size, end_of_file;
	uint32_t attributes; /* 0 is sent as NORMAL */
	uint32_t nlink;
	uint64_t file_id; /* IndexNumber; the low half of a 128-bit FileId */
	uint64_t volume_id;
	uint32_t ea_size;
	uint32_t reparse_tag; /* sent if attributes say REPARSE_POINT */
	bool is_dir;
	bool delete_pending;
	const char *short_name; /* 8.3, ASCII, at most 12; NULL or "" for none */

	/* Of the open rather than the file; a listing leaves them zero. */
	uint32_t access; /* granted */
	uint32_t mode;	 /* FILE_WRITE_THROUGH … of the create options, [MS-FSCC] 2.4.31 */
	uint64_t position;
	const char *path; /* UTF-8, '/'-separated, from the share root, "" for the root */
};

#endif
