/*
 * extents.h - where a file has data and where it has holes, so that a transfer moves only the
 * data.  Of a server's file by FSCTL_QUERY_ALLOCATED_RANGES, whose answer is only a hint: one
 * that makes no sense means that all of it is read.  [MS-FSCC] 2.3.47, 2.3.48
 */
#ifndef CLIENTD_SESSION_EXTENTS_H
#define CLIENTD_SESSION_EXTENTS_H

#include "clientd/session/local.h"
#include "clientd/session/open.h"

#define EXTENTS_MAX 1024u	/* of one answer; after them the server is asked again */
#define HOLE_MAX    (16u * 1024 * 1024)	/* at a time: zeros may have to be hashed */

struct extents {
	bool known_at_all;	/* false: all is data */
	uint64_t from, to;	/* what the last answer was about */
	struct { uint64_t from, to; } data[EXTENTS_MAX];	/* in order, apart */
	unsigned n;
};

/* Of the server's file: is there data at this place, before end, and up to where is it so? */
nt extents_there(struct extents *, const struct where *, struct smb2_fid, uint64_t at, uint64_t end,
		 uint64_t *ret_to, bool *ret_hole) MUST_USE;
/* 2.3.64: what is not written needs no room there; a server that knows no holes is no failure. */
nt extents_mark(const struct where *, struct smb2_fid) MUST_USE;

/* For the tests: what an answer about from to end says.  False: nothing that makes sense. */
bool extents_take(struct extents *, struct span ranges, uint64_t from, uint64_t end, bool more);

#endif
