/*
 * hook.h - server scripting: what scripts decide about requests, and hear of.
 *
 * The api pushes what is hooked; from then on requests of those kinds stop at
 * the point where their handler would have seen them, until the api has answered
 * or time is up, and go on or are refused there.  Admission came before and the
 * handler's and fsd's own decisions come after, so no answer grants anything.
 * The messages are in ipc/msg/hook.msg.h.
 */
#ifndef SMBD_HOOK_H
#define SMBD_HOOK_H

#include "ipc/msg/hook.msg.h"
#include "smbd/rq.h"

#define HOOK_PARKED_MAX 64u	/* requests of a connection that wait; beyond it nothing is read */
#define HOOK_TOLD_MAX	256u	/* events on their way; beyond it they are counted as lost */
#define HOOK_GRACE_MS	2000u	/* the api keeps the deadline; this is for an api that does not */

struct hook {
	TAILQ_ENTRY(hook) of_hooks;
	struct worker_hook_req is;	/* its strings are the three below */
	char share[NAME_BOUND + 1], pattern[NAME_BOUND + 1], user[NAME_BOUND + 1];
	uint64_t lost;
};

struct hooks {
	TAILQ_HEAD(, hook) list;	/* by id */
	uint32_t n;
	uint32_t commands;	/* bits of those that are looked at */
	uint32_t told;
};

/* What is known of a request.  Owns its strings. */
struct facts {
	struct hook_ask_req is;	/* without hook; its strings are these, the session's and tree's */
	char *path, *to;
	char client_share[NAME_BOUND + 1];
	bool renames;
	bool deletes;		/* the file goes when it is closed */
	bool sets_deletes;	/* … as this request says */
};

/* A request that hooks may be interested in. */
struct hook_rq {
	struct facts facts;
	uint32_t asked;		/* the last hook that was: those with lower ids have agreed */
	bool deny;		/* what its silence means */
	nt verdict;
	struct rd body;		/* while it waits: over copy */
	uint8_t *copy;
};

/* A file while something is hooked. */
struct hook_open {
	bool deletes;
	bool closing;		/* its CLOSE tells of its end */
	char path[];
};

/* hook.c: the list */
struct hook *hook_next(struct worker *, uint32_t after);
/* Is it about this?  path NULL: a thing without. */
bool hook_is_about(const struct hook *, const char *share, const char *path);
/* … and of this user, from there? */
bool hook_is_of(const struct hook *, const char *user, const struct net_addr *client);
void hooks_clear(struct worker *);	/* the api has gone, and all scripts with it */

#define MSG_ME struct worker
WORKER_HOOK_MESSAGES(MSG_HANDLER)
#undef MSG_ME

/* hook_facts.c */
nt facts_take(struct rq *, struct rd body, struct facts *ret) MUST_USE;
void facts_drop(struct facts *);
void facts_of_open(const struct open *, struct facts *ret);	/* ret->path stays the open's */

/* hook_ask.c: instead of the command's own first half, when anything is hooked */
nt hook_request(struct rq *, const struct smb2_element *) MUST_USE;
void hook_rq_drop(struct hook_rq *);

/* hook_tell.c: only when something is hooked */
void hook_done(struct rq *, nt status);		/* it is about to be answered */
void hook_open_drop(struct open *);		/* frees what is kept of it */
void hook_tell_session(struct session *, struct conn *, enum hook_event);
void hook_tell_break(struct open *);
/* What is kept of a file, instead of what was. */
void hook_open_keep(struct open *, const char *path, bool deletes);

/* hook_learn.c: names of files that were opened before */
void hook_learn(struct open *);
/* Of all, which answers worker_hook; false: there are none. */
bool hooks_learn(struct worker *, struct call *);

#endif
