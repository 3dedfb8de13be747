/* open.h - CREATE, from the checks to the open; run anew when it had to wait. */
#ifndef FSD_OPEN_H
#define FSD_OPEN_H

#include "fsd/fsd.h"
#include "fsd/handle.h"
#include "fsd/path.h"
#include "fsd/peer.h"
#include "fsd/tree.h"

/* One attempt.  Everything it owns is let go at its end, but what became the handle's. */
struct opening {
	struct fsd *me;
	struct tree *tree;
	const struct fsd_open_req *req;
	struct lookup at;
	struct look look;	/* of what was found or made */
	uint32_t access;	/* asked for, generic bits mapped; later granted */
	uint32_t maximum;	/* what the file would give at most */
	uint32_t action;	/* FILE_OPENED ... */
	struct file *file;	/* the file that the open waits for */
	struct handle *handle;
};

/*
 * STATUS_PENDING: an oplock break is out; *ret_file then says whose.  The
 * thread acts as the tree's identity afterwards.
 */
nt open_run(struct fsd *, struct peer *, const struct fsd_open_req *, struct fsd_open_rsp *ret,
    struct file **ret_file) MUST_USE;

/* [MS-SMB2] 3.3.5.9, [MS-FSA] 2.1.5.1: what can be said without looking at the disk. */
nt open_check(const struct fsd_open_req *, const struct tree *) MUST_USE;
nt open_existing(struct opening *) MUST_USE;
nt open_create(struct opening *) MUST_USE;
/* The open exists: its handle into the tables, with oplock and delete-on-close. */
nt open_finish(struct opening *, int fd, bool is_path) MUST_USE;

#endif
