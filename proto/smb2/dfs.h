/*
 * dfs.h - RESP_GET_DFS_REFERRAL, as a client reads it: where a path is instead.
 * Versions 2 to 4; not for: lists of domains and controllers.  [MS-DFSC] 2.2.4, 2.2.5
 */
#ifndef PROTO_SMB2_DFS_H
#define PROTO_SMB2_DFS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define DFS_TARGETS_MAX 16 /* further ones are not read */

struct dfs_referral {
	uint16_t path_consumed; /* bytes of the asked path, UTF-16LE, that the targets replace */
	uint16_t count;
	struct span target[DFS_TARGETS_MAX]; /* UTF-16LE, "\server\share[\path]", not terminated */
};

/* STATUS_INVALID_PARAMETER for what is not well formed, and for an answer without a target. */
nt dfs_referral_decode(struct span output, struct dfs_referral *ret) MUST_USE;

#endif
