/*
 * referral.h - answers to "where is this path?", kept with the session that asked
 * for as long as the server said.  [MS-DFSC] 3.1.1, ReferralCache
 */
#ifndef CLIENTD_SESSION_REFERRAL_H
#define CLIENTD_SESSION_REFERRAL_H

#include "clientd/session/session.h"
#include "proto/smb2/dfs.h"

#define REFERRALS_MAX	32u	/* of one session; the oldest makes room */
#define REFERRAL_TTL_S	86400u	/* whatever the server says */

/* What was asked for: a namespace, or what is below one of its links. */
enum referral_kind { REFERRAL_ROOT, REFERRAL_LINK };

/* Strings on fiber memory. */
struct referral {
	const char *prefix;	/* "\server\share[\path]": what the targets replace */
	unsigned n, first;	/* first: the one to begin with */
	const char *target[DFS_TARGETS_MAX];
};

/* The one with the longest prefix of path that is still good. */
bool referral_find(const struct session *, enum referral_kind, const char *path,
		   struct referral *ret);
void referral_keep(struct session *, enum referral_kind, const struct referral *, uint32_t ttl_s);
/* This target could be reached, those before it not. */
void referral_prefer(struct session *, enum referral_kind, const char *prefix, unsigned target);
void referrals_drop(struct session *);

/* What follows prefix, from a '\' on or "".  NULL: path is not below it. */
const char *path_below(const char *path, const char *prefix);

#endif
