/*
 * dfs.h - what a call does when its path is elsewhere, or a link.
 */
#ifndef CLIENTD_SESSION_DFS_H
#define CLIENTD_SESSION_DFS_H

#include "clientd/session/open.h"

#define HOPS_MAX 8u	/* referrals and links of one call */

/* STATUS_PATH_NOT_COVERED was answered: from now on j->at is where the path really is. */
nt dfs_follow(struct job *) MUST_USE;
/*
 * link.c: STATUS_STOPPED_ON_SYMLINK was.  itself: the call is about the link if the path
 * ends with one, so only those before its end are followed.
 */
nt link_follow(struct job *, bool itself) MUST_USE;

#endif
