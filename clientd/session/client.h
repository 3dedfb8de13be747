/*
 * client.h - one script owner's client: the state of the whole process.  It
 * makes no socket, opens no file, sees no password.  Read README.md first.
 */
#ifndef CLIENTD_SESSION_CLIENT_H
#define CLIENTD_SESSION_CLIENT_H

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/loop.h"
#include "base/table.h"
#include "base/utf16.h"
#include "clientd/session/conn.h"
#include "clientd/session/fiber.h"
#include "ipc/birth.h"
#include "ipc/msg/client.msg.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"
#include "tap/tap.h"

#define SESSIONS_MAX	   64u
#define TREES_MAX	   1024u	/* that scripts hold by smb.tree_connect, in all sessions */
#define FILES_MAX	   4096u	/* that scripts hold by smb.create */
#define LISTINGS_MAX	   64u
#define GIVEN_MAX	   64u		/* descriptors that wait for the call that names them */
#define GIVEN_MS	   60000u	/* … so long; and a call waits for its descriptor */
#define GIVEN_WAIT_MS	   10000u
#define REQUEST_TIMEOUT_MS 60000u	/* unless client.open says otherwise */
#define TIMEOUT_MAX_MS	   600000u
#define RECENT_MAX	   256u		/* paths whose last use is remembered */
#define CLIENT_FILES	   (SESSIONS_MAX * 8 + GIVEN_MAX + FIBERS_MAX + 64)

struct session;
struct job;

struct given {
	struct id16 token;
	int fd;			/* -1: free */
	struct net_addr server;
	uint64_t until;
};

/* How often a path was used not long ago; cache.c. */
struct recent {
	uint64_t hash, when;	/* CLOCK_MONOTONIC ns */
	uint8_t uses;
};

struct client {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct fibers *fibers;
	struct loop_tick tick;
	struct loop_timer idle;
	struct table *sessions, *trees, *files, *listings;	/* by the ids that scripts know */
	TAILQ_HEAD(, conn) conns, dirty;
	TAILQ_HEAD(, job) jobs;
	struct given given[GIVEN_MAX];
	struct waitq given_more;
	TAILQ_HEAD(, ferry) ferries;	/* callers on other machines, ferry.h */
	size_t n_ferries;
	EVP_MD *sha256;		/* fetched before the filter */
	TAILQ_HEAD(kept_list, kept) kept;	/* files under a lease; cache_kept.c */
	unsigned n_kept;
	struct loop_timer kept_sweep;
	struct recent recent[RECENT_MAX];
	struct cache_times {
		uint32_t recent_ms, believed_ms, idle_ms;
	} cache_times;
	uint64_t strays;	/* breaks of leases that nobody here has */
	unsigned n_told;	/* breaks on their way to the api */
	uint64_t nonsense;	/* servers that broke the protocol */
	struct taps taps;	/* who looks at its packets */
	uint32_t n_traced;	/* connections with a number for them */
	bool stopping;
};

/* A call in hand, on a fiber of its own. */
struct job {
	TAILQ_ENTRY(job) all;
	struct client *client;
	struct call *call;	/* NULL: answered */
	struct fiber *fiber;
	const struct link *asker;
	struct span body;	/* owned, as encoded */
	uint64_t number;	/* the caller's, for progress and cancel; 0: none */
	uint64_t watch;		/* … and that of a watch, whose call was answered when it began */
	uint64_t session;	/* that it is about, once known */
	struct span data;	/* answer's payload frame, on fiber memory */
	struct span why;	/* a failure's sentence, the same; empty: the status' own.  said.h */
	unsigned tries, hops;
	/* where it is about, if its request begins with CLIENT_WHERE; a referral changes it */
	struct job_at {
		uint64_t session;
		const char *share, *path;
		const char *root;	/* "\\domain\\namespace", whose root that share is; NULL: as it says */
		bool moved;
		bool elsewhere;	/* … to another share */
	} at, said_at;		/* said_at: as the script wrote it */
	bool settled;		/* it did not fail for where `at` is */
	const char *to;		/* where its other name leads; NULL: as the script wrote it */
	struct client_progress_rsp progress;
};

void client_init(struct client *);	/* before node_new(): its tick runs before the links' */
void client_stop(struct client *);
void client_drop(struct client *);	/* for tests: nothing may be left in it */
extern const struct node_events client_events;

extern const struct ipc_method session_methods[];
extern const size_t session_methods_n;

void session_isolate(struct client *, const struct birth *, char *links, size_t cap);
void session_seal(struct client *);

/* job.c */
nt job_start(struct client *, struct call *, struct span body, fiber_fn *) MUST_USE;
void job_end(struct job *);
/* May the call be done again after this failure?  Waits for the connection to come back. */
bool job_again(struct job *, uint16_t msg_id, nt status) MUST_USE;
/* Did it fail because its path is elsewhere, or a link?  Then j->at is where it leads. */
bool job_moves(struct job *, uint16_t msg_id, nt status) MUST_USE;
/* req: as decoded.  Notes where it is about, or puts in where that has moved to. */
void job_place(struct job *, uint16_t msg_id, void *req);
struct job *job_find(struct client *, uint64_t number);
/* The caller's number for this one; STATUS_OBJECT_NAME_COLLISION if another has it. */
nt job_number(struct job *, uint64_t number) MUST_USE;
void jobs_cancel_of(struct client *, const struct link *asker);

/* given.c */
nt given_put(struct client *, const struct id16 *, int fd, const struct net_addr *) MUST_USE;
/* Waits a while for it; the caller owns *ret. */
nt given_take(struct client *, const struct id16 *, int *ret, struct net_addr *ret_addr) MUST_USE;

/* dial.c: a socket from the dialer.  The caller owns *ret. */
nt dial(struct client *, const char *host, uint16_t port, uint32_t timeout_ms, int *ret,
	struct net_addr *ret_addr) MUST_USE;

/* Handlers: the rows' names, but on a fiber; see service.c. */
#define CLIENT_HANDLER(id_, msg, callers_, phase_, REQ, RSP) \
	nt msg(struct client *, struct job *, const struct msg##_req *, struct msg##_rsp *) MUST_USE;
SESSION_MESSAGES(CLIENT_HANDLER)

/* request.c: without waiting for the answer. */
void fid_close_later(struct conn *, uint32_t tree_id, bool seal, struct smb2_fid);
/* cmd_ls.c */
void listings_drop(struct client *);
/* break.c */
void break_received(struct conn *, struct rd *);
void break_acknowledge_lease(struct conn *, uint32_t tree_id, bool seal, const uint8_t key[16],
			     uint32_t state);

#endif
