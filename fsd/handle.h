/*
 * handle.h - an open: [MS-FSA] 2.1.1.6.  Found by number on the link of the
 * worker that opened it, and on no other.
 */
#ifndef FSD_HANDLE_H
#define FSD_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "fsd/file.h"
#include "fsd/stat.h"
#include "fsd/tree.h"

struct lease;
struct listing;

struct handle {
	uint64_t id;
	uint32_t number;	/* for operators: never 0, not used again for long */
	uint32_t refs;		/* the table, and tasks in the pool */
	bool closed;
	bool is_dir;
	bool is_path;		/* fd is O_PATH: opened for attributes only */
	int fd;
	struct fsd *fsd;
	struct tree *tree;	/* NULL once closed */
	struct peer *peer;
	struct ident *who;
	struct file *file;
	struct handle *tree_next, **tree_at;
	struct handle *file_next, **file_at;

	char *path;		/* from the root, as on disk */
	uint32_t access;	/* granted */
	uint32_t share;
	uint32_t options;	/* CreateOptions as asked */
	uint64_t position;	/* FilePositionInformation, only kept */
	bool delete_on_close;
	uint32_t frozen;	/* times that this open's operations leave alone, TIMES_* */
	int64_t frozen_at[2];	/* access, write */

	uint8_t oplock;		/* SMB2_OPLOCK_LEVEL_*; _LEASE: what it is, lease knows */
	uint8_t breaking_to;	/* while waiting for the acknowledgement, else OPLOCK_STABLE */
	struct loop_timer break_timer;
	struct lease *lease;	/* or NULL */
	struct handle *lease_next;
	struct file *in_the_way;	/* just now: whose leases a set request has to wait for */

	struct listing *listing;	/* of a directory, once listed */
	struct watch *watch;		/* change notification, once asked for */
	uint8_t lock_sequence[64];	/* 3.3.5.14: numbers of replayed lock requests */
};

/* Takes over fd, path and nothing else. */
nt handle_new(struct fsd *, struct tree *, struct file *, int fd, const char *path,
    struct handle **ret) MUST_USE;
/*
 * The open with this number on the call's link (FILE_CHAIN: of its compound);
 * the thread then acts as its identity.  STATUS_FILE_CLOSED.
 */
nt handle_find(struct fsd *, struct call *, uint64_t id, struct handle **ret) MUST_USE;
/*
 * … for what an expired session may not do, which is all but closing, locks and
 * the like: STATUS_NETWORK_SESSION_EXPIRED.  [MS-SMB2] 3.3.5.2.9
 */
nt handle_use(struct fsd *, struct call *, uint64_t id, struct handle **ret) MUST_USE;
/* Also REQUIREs one of these rights.  STATUS_ACCESS_DENIED */
nt handle_find_for(struct fsd *, struct call *, uint64_t id, uint32_t any_of,
    struct handle **ret) MUST_USE;
/* Tells its worker that it is being closed, which is the caller's to do. */
void handle_revoke(const struct handle *);
/* Ends it for the client: waits, locks, oplock, delete on close.  The memory lives on for tasks. */
void handle_close(struct fsd *, struct handle *);
struct handle *handle_hold(struct handle *);
void handle_drop(struct handle *);

/* The file as it is now, with what only the open knows. */
nt handle_stat(const struct handle *, struct fscc_stat *ret) MUST_USE;
void handle_stat_of(const struct handle *, const struct look *, struct fscc_stat *ret);
bool handle_hidden(const struct share *, const char *path);
/* A descriptor that data can be written to or read from. */
bool handle_has_data(const struct handle *);

#endif
