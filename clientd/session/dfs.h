/*
 * dfs.h - what a call does when its path is elsewhere, or a link.
 */
#ifndef CLIENTD_SESSION_DFS_H
#define CLIENTD_SESSION_DFS_H

#include "clientd/session/open.h"
#include "clientd/session/referral.h"

#define HOPS_MAX 8u	/* referrals and links of one call */

/*
 * STATUS_PATH_NOT_COVERED was answered (REFERRAL_LINK), or STATUS_BAD_NETWORK_NAME, because the share is a
 * namespace that the server does not hold itself (REFERRAL_ROOT): from now on *at is where the path really is.
 */
nt dfs_follow(struct job *, struct job_at *at, enum referral_kind) MUST_USE;
/*
 * link.c: STATUS_STOPPED_ON_SYMLINK was.  itself: the call is about the link if the path
 * ends with one, so only those before its end are followed.
 */
nt link_follow(struct job *, struct job_at *at, bool itself) MUST_USE;
/* job.c: whichever of these the status asks for; STATUS_NOT_SUPPORTED: none. */
nt at_follow(struct job *, struct job_at *at, bool itself, nt status) MUST_USE;
/*
 * newname.c: where the new name of client.mv leads, whose last component is not followed.  *at: as the
 * script wrote it; then its real place.  The call is not done again if this fails.
 */
nt newname_find(struct job *, struct job_at *at) MUST_USE;
/* What is changed there is not known any more, now and when the call ends. */
void newname_set(struct job *, const char *path);

/* One more of them.  False: too many, which the call's failure says. */
bool hop(struct job *, const struct job_at *);

/* FSCTL_DFS_GET_REFERRALS about path, UTF-16LE.  *ret borrows from m. */
nt dfs_ask(const struct where *ipc, struct span path, struct msg *m, struct span *ret) MUST_USE;

#endif
