/*
 * peer.h - what one worker has with us: trees, waiting calls, and the file that
 * each of its compounds opened.  Also the calls that wait (struct wait).
 */
#ifndef FSD_PEER_H
#define FSD_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"
#include "fsd/fsd.h"

struct handle;
struct peer;
struct tree;

/*
 * A kept call.  Embedded first in what waits; end() answers with status, takes
 * it off its lists and frees it.
 */
struct wait {
	struct wait *next, **at;	/* of its peer */
	struct peer *peer;
	struct call *call;
	uint64_t id;			/* of the call, for fsd_cancel */
	struct handle *handle;		/* NULL: waits to become one */
	void (*end)(struct fsd *, struct wait *, nt status);
};

#define PEER_CHAINS 1024u	/* by chain number; more at once than a worker has compounds */

struct chain_file {
	uint32_t chain;
	nt status;		/* of its fsd_open */
	uint64_t file;
};

struct peer {
	struct link *link;	/* NULL once it is gone */
	uint64_t id;
	struct tree *trees;
	struct wait *waits;
	uint32_t tasks;		/* in the pool */
	uint32_t opens;		/* handles that are not closed */
	struct chain_file chains[PEER_CHAINS];
};

/* The peer of this call; made with its first. */
struct peer *peer_of(struct call *);
/* The link is gone: everything it had goes too. */
void peer_gone(struct fsd *, struct link *);

/* Keeps the call: answered by w->end() at the latest when the peer or the handle goes. */
void wait_begin(struct wait *, struct call *, struct handle *,
    void (*end)(struct fsd *, struct wait *, nt status));
void wait_unlink(struct wait *);	/* before answering */
struct wait *wait_find(struct peer *, uint64_t call_id);
void waits_end(struct fsd *, struct peer *, const struct handle *, nt status);

/* What an fsd_open of the call's chain came to, and who FILE_CHAIN is. */
void chain_opened(struct peer *, uint32_t chain, nt status, uint64_t file);
nt chain_file(const struct peer *, uint32_t chain, uint64_t *ret) MUST_USE;

#endif
