/*
 * dfs.h - RESP_GET_DFS_REFERRAL, as a client reads it: where a path is instead, or who
 * a domain's controllers are.  Versions 2 to 4.  [MS-DFSC] 2.2.4, 2.2.5
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
	uint32_t ttl;		/* seconds that all of it may be remembered */
	struct span target[DFS_TARGETS_MAX]; /* UTF-16LE, "\server\share[\path]", not terminated */
};

/* 2.2.5.3.2: a domain, and its controllers if they were asked for. */
struct dfs_names {
	struct span special;	/* UTF-16LE, "\domain" */
	uint16_t count;
	struct span name[DFS_TARGETS_MAX]; /* "\dc.domain" */
};

/* STATUS_INVALID_PARAMETER for what is not well formed, and for an answer without a target. */
nt dfs_referral_decode(struct span output, struct dfs_referral *ret) MUST_USE;
/* The first entry's; the answer to a question about one domain has no other. */
nt dfs_names_decode(struct span output, struct dfs_names *ret) MUST_USE;

#endif
