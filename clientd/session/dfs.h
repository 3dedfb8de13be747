/*
 * dfs.h - what a call does when its path is elsewhere.
 */
#ifndef CLIENTD_SESSION_DFS_H
#define CLIENTD_SESSION_DFS_H

#include "clientd/session/open.h"

/* STATUS_PATH_NOT_COVERED was answered: from now on j->at is where the path really is. */
nt dfs_follow(struct job *) MUST_USE;

#endif
