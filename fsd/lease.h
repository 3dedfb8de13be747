/*
 * lease.h - leases: read, handle and write caching that a client holds for a
 * file with all its opens of one key, whatever session, worker or identity they
 * came by.  [MS-SMB2] 3.3.1.11, 3.3.1.12, 3.3.4.7, 3.3.5.9.8, 3.3.5.9.11,
 * 3.3.5.22.2; [MS-FSA] 2.1.4.12, 2.1.5.18
 *
 * A lease is one holder of caches among the others of its file; what oplocks and
 * leases do to each other is oplock.c's.  Directories have none.
 */
#ifndef FSD_LEASE_H
#define FSD_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/nt.h"
#include "ipc/msg/fsd.msg.h"

struct file;
struct fsd;
struct handle;
struct peer;

struct lease {
	struct lease *next;	/* in its bucket */
	struct id16 client, key;
	struct fsd *fsd;
	struct file *file;
	struct handle *opens;	/* by lease_next; never none */
	uint32_t state;		/* SMB2_LEASE_*_CACHING that the client may rely on */
	uint8_t version;	/* of the context that made it: answers have its form */
	uint16_t epoch;
	/* A break that is not acknowledged yet: */
	bool breaking;
	bool awaited;		/* … and opens wait for it */
	uint32_t asked;		/* what the client was told to keep */
	uint32_t needed;	/* what it may keep in the end; less, if others came since */
	struct loop_timer timer;
};

struct leases;

struct leases *leases_new(void);
void leases_drop(struct leases *);
/* Of this client with this key; NULL: none. */
struct lease *lease_find(struct leases *, const struct id16 *client, const struct id16 *key);
/*
 * May this request's key be used for f (NULL: a file that is not there yet)?
 * STATUS_INVALID_PARAMETER: it holds a lease on another file.
 */
nt lease_check_key(struct fsd *, const struct fsd_open_req *, const struct file *f) MUST_USE;
/* The lease that the request names, if it is on f. */
struct lease *lease_of_request(struct fsd *, const struct fsd_open_req *, const struct file *f);
/* The open joins its lease, or makes it with nothing granted. */
struct lease *lease_join(struct handle *, const struct fsd_open_req *);
/* The open that has just joined asked for this, and so much of it can be had beside others. */
void lease_grant(struct lease *, uint32_t asked, uint32_t can);
/* Its state is about to: the epoch of version 2 says so. */
void lease_changes(struct lease *);
/* The open goes; with its last one the lease goes. */
void lease_leave(struct handle *);

/* Has this worker an open of it? */
bool lease_is_of(const struct lease *, const struct peer *);

/* ---- lease_break.c ---- */

/*
 * Nothing but `keep` may stay of it.  wait: who breaks it wants to go on only
 * when that is acknowledged.  True: wait.
 */
bool lease_break(struct lease *, uint32_t keep, bool wait);
/*
 * STATUS_UNSUCCESSFUL: nobody asked.  STATUS_REQUEST_NOT_ACCEPTED: that is more than it was told
 * to keep.  What is left is in lease->state.
 */
nt lease_acknowledge(struct lease *, uint32_t state) MUST_USE;
#endif
