/*
 * transfer.h - the bytes of one open file, many requests in flight, in order at
 * the local end.  Memory is the window and no more.
 */
#ifndef CLIENTD_SESSION_TRANSFER_H
#define CLIENTD_SESSION_TRANSFER_H

#include "clientd/session/local.h"
#include "clientd/session/extents.h"

#define PIECES_MAX 32u
#define PIECE_SIZE (512u * 1024)	/* at most: larger ones fall out of caches */
#define PIECE_UNIT (64u * 1024)

struct transfer;

struct piece {
	struct transfer *t;
	struct msg m;
	uint64_t off;
	uint32_t len;
	bool busy;		/* out, or answered and not yet looked at */
	bool hole;		/* nothing is moved */
	bool answered;
	unsigned again;		/* how often it was sent once more: its channel was lost */
};

struct transfer {
	struct job *job;
	const struct where *w;
	struct smb2_fid fid;
	struct local *local;
	bool put;
	uint64_t next;		/* where the next piece begins */
	uint64_t end;		/* where it ends; UINT64_MAX: where the source does */
	uint64_t done;		/* all before this is at its destination, acknowledged */
	struct extents *extents;	/* where holes are looked for; NULL: nowhere */
	uint32_t piece;
	unsigned window;
	bool drained;		/* the source has no more */
	struct piece ring[PIECES_MAX];
	unsigned first, count;	/* pieces in flight, in order */
	unsigned moving;	/* … that are no holes */
	struct waitq progress;
};

/* From t->next to t->end.  On failure t->done tells how far it came. */
nt transfer_run(struct transfer *) MUST_USE;
/* Where a piece of that length is to go; nothing is held. */
struct conn *transfer_channel(const struct transfer *, uint32_t len);

#endif
