/* tree.h - a connected share: who acts in it, and with which rights at most. */
#ifndef FSD_TREE_H
#define FSD_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "fsd/fsd.h"
#include "fsd/grant.h"
#include "fsd/peer.h"

struct handle;

struct tree {
	struct tree *next, **at;	/* of its peer */
	uint64_t id;
	struct peer *peer;
	struct grant *grant;		/* outlives its trees */
	struct share *share;
	struct ident *who;		/* the grant's, or `force user` */
	uint64_t since;			/* Unix ns */
	uint32_t max_access;
	bool read_only;
	bool barred;			/* who it is now may not enter: nothing more is opened */
	struct handle *handles;
};

nt tree_new(struct fsd *, struct peer *, struct grant *, struct share *, bool read_only,
    struct tree **ret) MUST_USE;
/* Closes its opens first. */
void tree_drop(struct fsd *, struct tree *);
/* STATUS_NETWORK_NAME_DELETED for a number that is not this peer's. */
nt tree_find(struct fsd *, const struct peer *, uint64_t id, struct tree **ret) MUST_USE;
/* tree_find(), session not expired, its user may still enter, and the thread acts as the tree's identity. */
nt tree_enter(struct fsd *, const struct peer *, uint64_t id, struct tree **ret) MUST_USE;
/* After a reload: who may no longer enter leaves, who may only read only reads. */
void trees_reconsider(struct fsd *);
/* The session is somebody else's now: for what is opened from here on. */
void trees_of_grant_become(struct peer *, const struct grant *);
void trees_of_grant_drop(struct fsd *, struct peer *, const struct grant *);

#endif
