/*
 * store.h - the store: all of its state, and what its files offer each other.
 */
#ifndef AUTHD_STORE_STORE_H
#define AUTHD_STORE_STORE_H

#include <sys/queue.h>

#include "authd/store/account.h"
#include "authd/store/context.h"
#include "authd/store/kept.h"
#include "authd/store/registry.h"
#include "authd/store/throttle.h"
#include "authd/store/verify.h"
#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

#define ACCOUNTS_MAP (64u << 20) /* about 250,000 accounts */
#define CONTEXTS_MAX 16384u
#define LOGONS_MAX   16384u /* more than the gate's connections: each has one at a time */
#define PER_WORKER   32u    /* of each, since a worker may be captured by its user */
#define COUNTERS_MAX 16384u /* of each of three kinds */
#define NO_UID	     UINT32_MAX

struct logon;
struct inquiry;
struct teardown;

struct store {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct conf_auth_req conf; /* strings borrow from part */
	struct conf_copy part;
	struct span map; /* text of `idmap file`, read at birth; ours */
	struct db *accounts, *sessions, *counters;
	uint32_t machine[3];	       /* S-1-5-21-a-b-c */
	uint8_t nobody[NTLM_KEY_SIZE]; /* the hash of who does not exist: random */
	uint8_t empty[NTLM_KEY_SIZE];  /* the hash of the empty password */
	struct contexts *contexts;
	struct throttle *throttle;
	LIST_HEAD(teardown_list, teardown) teardowns;
	LIST_HEAD(inquiry_list, inquiry) inquiries; /* op_peers.c */
	TAILQ_HEAD(logon_list, logon) logons;
	uint32_t n_logons;
	uint64_t fsd; /* the incarnation that has our grants; 0: not known */
	struct loop_timer sweep, stop;
	bool stopping;
	uint32_t told;	 /* to the api, not answered: tell.c */
	uint64_t untold; /* … what found no room */
};

/* ---- service.c ---- */
#define MSG_ME struct store
AUTH_MESSAGES(MSG_HANDLER)
extern const struct ipc_method store_methods[];
extern const size_t store_methods_n;

/* ---- events.c ---- */
extern const struct node_events store_events;
/* STATUS_DATA_ERROR if part holds no usable conf_auth. */
nt store_configure(struct store *, struct span part) MUST_USE;
/* What of the configuration others hold. */
void store_apply(struct store *);
uint64_t store_now_ms(const struct store *);
void store_maybe_stop(struct store *); /* a logon is done: was it the last we wait for? */

/* ---- sandbox.c ---- */
void store_isolate(struct store *, const struct birth *, char *links, size_t cap);
void store_seal(struct store *);

/* ---- op_ntlm.c ---- */
/* The pairs of a CHALLENGE with this time stamp. */
void target_info_encode(const struct store *, uint64_t timestamp, struct wr *);

#define DNS_NAME_ROOM (2 * NAME_BOUND + 2)
void server_dns_name(const struct store *, char ret[DNS_NAME_ROOM]);

/* ---- target.c ---- */
/* NULL, or why a right proof that says this is not for us. */
const char *target_refusal(const struct store *, const struct aim *) MUST_USE;
bool target_is_ours(const struct store *, const char *target) MUST_USE;

/* ---- teardown.c ---- */
typedef void teardown_done(void *ctx, nt status);
/*
 * Ends a session at its worker and its grant at fsd.  done (may be NULL) is told
 * when both have confirmed, or STATUS_IO_TIMEOUT; it may run before this returns.
 */
void session_close(struct store *, uint64_t id, teardown_done *, void *ctx);
/* Its end is on its way: nothing may be given to it any more. */
bool session_is_closing(const struct store *, uint64_t id) MUST_USE;
/* All sessions of this account of ours / of this worker, which is gone. */
void sessions_close_user(struct store *, const char *user);
void sessions_close_worker(struct store *, uint64_t worker);
/* Those whose workers did not come back to us after our restart. */
void sessions_sweep(void *store);

/* ---- fsds.c ---- */
typedef void fsds_step(void *ctx, nt status);
/* step() comes once for each that *pending was raised by, perhaps before the call returns. */
struct fsds_waiter {
	fsds_step *step;
	void *ctx;
	unsigned *pending;
	uint32_t ms; /* for our own fsd; storages have less, and their failures count as success */
};
void fsds_grant(struct store *, const struct fsd_grant_req *, const struct fsds_waiter *);
void fsds_grant_end(struct store *, const struct id16 *grant, const struct fsds_waiter *);
/* A new fsd knows no grants: all of them again. */
void grants_renew(struct store *, struct link *fsd);
/* Is our own there, if some share is with it? */
bool fsds_own_there(const struct store *) MUST_USE;

/* ---- identity.c ---- */
#define SID_TEXT 192
enum sid_kind { SID_BY_UID, SID_BY_SERIAL, SID_GUEST, SID_ANONYMOUS };
void sid_print_local(const struct store *, enum sid_kind, uint32_t n, char ret[SID_TEXT]);
/* Of somebody whom a realm without SIDs vouches for, where all act as one uid. */
void sid_print_principal(const char *principal, char ret[SID_TEXT]);
/* Is name in the configured list of who may log on?  An empty list lets all. */
bool user_is_listed(const char *list, const char *name) MUST_USE;

#endif
