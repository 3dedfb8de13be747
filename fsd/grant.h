/*
 * grant.h - what the store has promised: this worker may act as this identity
 * until then.  A grant is honoured on that worker's link only.
 */
#ifndef FSD_GRANT_H
#define FSD_GRANT_H

#include <stdint.h>

#include "base/nt.h"
#include "fsd/creds.h"
#include "ipc/types.h"

struct grants;

struct grant {
	struct grant *next;
	struct id16 id;
	uint64_t worker;	/* peer id */
	uint64_t session;
	uint64_t expires;	/* Unix ns, 0: never */
	struct net_addr client;
	struct ident *who;
};

struct grants *grants_new(uint32_t max);
void grants_drop(struct grants *);

/*
 * Takes over who.  A known id is renewed (re-authentication, perhaps as
 * somebody else): same worker and not suddenly root, or ACCESS_DENIED.
 */
nt grant_put(struct grants *, const struct grant *, struct grant **ret) MUST_USE;
/* STATUS_USER_SESSION_DELETED for an unknown id and for another's alike. */
nt grant_find(struct grants *, const struct id16 *, uint64_t worker, struct grant **ret) MUST_USE;
/* Whoever's it is: for the store. */
struct grant *grant_any(struct grants *, const struct id16 *);
struct grant *grant_of_worker(struct grants *, uint64_t worker);
void grant_end(struct grants *, struct grant *);
nt grant_check_time(const struct grant *, uint64_t now) MUST_USE;

#endif
