/*
 * registry.h - the sessions: whose, at which worker, under which grant.
 *
 * A record is the row that status shows and the grant as fsd got it, in the
 * encoding of those messages.  No keys.
 */
#ifndef AUTHD_STORE_REGISTRY_H
#define AUTHD_STORE_REGISTRY_H

#include "authd/store/db.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/fsd.msg.h"

#define SESSIONS_MAX 20000u

/* Strings borrow from raw, so a session is not copied by assignment. */
struct session {
	struct auth_sessions_rsp row;
	struct fsd_grant_req grant;
	struct db_row raw;
};

/* Adds or replaces.  SESSIONS_MAX is for who adds to keep. */
nt registry_put(struct db *, const struct auth_sessions_rsp *,
		const struct fsd_grant_req *) MUST_USE;
/* STATUS_USER_SESSION_DELETED if there is none. */
nt registry_find(struct db *, uint64_t id, struct session *ret) MUST_USE;
/* In order of id, after 0 the first; STATUS_NO_MORE_ENTRIES at the end. */
nt registry_next(struct db *, uint64_t after, struct session *ret) MUST_USE;
void registry_drop(struct db *, uint64_t id);

/* Guests are nobody: no session is "of the same user" as theirs. */
bool session_is_of_sid(const struct session *, const char *sid) MUST_USE;

#endif
