/*
 * file.h - one file of the disk while it is open: what its opens share.  Opens
 * of one inode by whatever path meet here.  [MS-FSA] 2.1.1.3 to 2.1.1.5
 */
#ifndef FSD_FILE_H
#define FSD_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "fsd/dosattr.h"

struct handle;
struct ident;
struct lock;
struct lock_wait;
struct share;

struct file {
	struct file *next;	/* in its bucket */
	uint64_t dev, ino;
	struct handle *handles;
	uint32_t leased;		/* … of them are of a lease */
	struct lock *locks;		/* byte ranges, newest first */
	struct lock_wait *lock_waits, **lock_waits_end;
	uint64_t alloc_hint;	/* what a client asked to be reserved, while it is open */
	bool dos_known;		/* what look_file() remembers: of this change time, this */
	struct timespec dos_at;
	struct dosattr dos;
	bool in_memory;		/* I/O never waits for a disk: nowait.h */
	bool writes_blind;	/* … and RWF_NOWAIT means nothing to writes */
	bool doomed;		/* delete pending, and of which name, on whose behalf */
	struct share *doomed_share;
	struct ident *doomed_by;
	char *doomed_path;
};

struct files;

struct files *files_new(void);
void files_drop(struct files *);
struct file *file_find(struct files *, uint64_t dev, uint64_t ino);	/* NULL: nobody has it open */
struct file *file_get(struct files *, uint64_t dev, uint64_t ino);	/* makes it */
void file_put(struct files *, struct file *);		/* frees it if nobody has it open */

#endif
