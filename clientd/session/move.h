/*
 * move.h - one get or put of a whole file: in one compound if it is small, else by
 * many requests in flight, over as many connections as it takes.
 */
#ifndef CLIENTD_SESSION_MOVE_H
#define CLIENTD_SESSION_MOVE_H

#include "clientd/session/transfer.h"

#define SMALL_MAX    65536u	/* what one compound carries */
#define READ_ACCESS  (FILE_READ_DATA | FILE_READ_ATTRIBUTES)
#define WRITE_ACCESS (FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES)

struct move {
	struct job *job;
	uint64_t session;
	const char *share, *path;
	uint64_t offset, length;
	uint32_t flags;
	bool put;
	struct local local;
	struct transfer *t;
	struct extents *extents;	/* looked for, in a sparse file; NULL: not */
	uint64_t done;
	bool begun;		/* put: it was decided whether … */
	const char *beside;	/* … it is written under this name first; NULL: it is not */
	bool refused;		/* the server would not have it renamed: in place, from the start */
	bool opened;		/* once before: it exists, and is ours to go on with */
	uint64_t size, changed, written;	/* as the server had it at the first open */
	uint32_t resumed;
	uint8_t guid[16];	/* of the durable handle */
	bool durable;		/* the server gave one: holder.fid may be claimed again */
	struct holder holder;
};

/* move_small.c.  *ret_whole: it was small, and is done. */
nt small_get(struct move *, const struct where *, bool *ret_whole) MUST_USE;
nt small_put(struct move *, const struct where *) MUST_USE;
uint32_t put_disposition(const struct move *) MUST_USE;
/*
 * move_whole.c: MOVE_WHOLE.  The first makes the file beside the one that it will be, if the server lets it;
 * the second renames it, still open, or gives up that way; the last takes it away after a failure.
 */
nt whole_begin(struct move *, const struct where *) MUST_USE;
nt whole_end(struct move *, const struct where *, struct smb2_fid) MUST_USE;
void whole_undo(const struct move *, const struct where *);
/* move_large.c: over one connection, from mv->done on. */
nt move_once(struct move *, const struct where *) MUST_USE;

#endif
