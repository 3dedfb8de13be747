/*
 * worker.h - all state of a worker: one identity's connections, sessions, trees
 * and opens.  Private to the worker's files.
 *
 *	worker ─ conns ─ chans ─ session ─ trees, opens
 *	           └ frames ─ requests (struct rq)
 *
 * A chan is one session on one connection.  Requests hold it, so keys live as
 * long as there is something to sign; trees and opens are looked up by id.
 */
#ifndef SMBD_WORKER_H
#define SMBD_WORKER_H

#include <sys/queue.h>

#include "base/table.h"
#include "ipc/arena.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/smbd.msg.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"
#include "smbd/handover.h"
#include "smbd/idmap.h"
#include "smbd/limits.h"
#include "smbd/logon.h"
#include "smbd/policy.h"
#include "smbd/smbd.h"
#include "smbd/storage.h"
#include "smbd/window.h"

struct conn;
struct frame;
struct hook_open;
struct hooks;
struct pipe;
struct rq;

/* ---- bulk.c: memory for payload ---- */

/* A run of an arena shared with an fsd, or memory of our own where there is none. */
struct bulk {
	uint8_t *p;		/* NULL: none */
	size_t n;		/* bytes asked for */
	uint32_t slot;		/* SLOT_NONE: p is from malloc and travels as a data frame */
	uint8_t seat;		/* whose storage it counts for, with by */
	bool spared;		/* it counts as outside of a full arena, too */
	struct conn *by;	/* whose share it counts for, or NULL */
	struct arena *arena;	/* held; NULL with SLOT_NONE */
};

/* ---- session.c ---- */

struct tree {
	uint32_t id;
	uint64_t fsd;		/* fsd's number; 0 for IPC$ */
	struct storage *at;	/* which fsd; held; NULL for IPC$ */
	char share[NAME_BOUND + 1];	/* as its client named it */
	bool is_ipc;
	bool encrypts;		/* its client was told to */
	bool must_encrypt;	/* … and plain requests are refused, 3.3.5.2.11 */
};

struct open {
	LIST_ENTRY(open) of_session;
	struct session *session;
	uint64_t vol;		/* FileId.Volatile: ours, from worker->opens */
	uint64_t file;		/* fsd's number, and FileId.Persistent */
	struct storage *at;	/* its tree's, which keeps it */
	uint32_t tree_id;
	struct pipe *pipe;	/* IPC$ only */
	struct hook_open *hook;	/* what scripts will be told of it; or NULL */
	bool missed;		/* changes that the next CHANGE_NOTIFY is to hear of */
};

struct session {
	uint64_t id;
	struct worker *worker;
	struct id16 grant;
	uint64_t ctx;		/* of the logon that made it, until its connection came */
	uint64_t expires;	/* Unix ns, 0: never */
	uint32_t auth_flags;	/* AUTH_* */
	struct policy_session policy;
	char user[NAME_BOUND + 1];
	uint8_t key[SECRET_BOUND];	/* wiped when the channel's keys are derived */
	size_t key_n;
	struct smb2_sealer *out, *in;	/* NULL without encryption */
	struct idmap trees;
	uint32_t next_tree;
	LIST_HEAD(, open) opens;
	uint32_t n_opens;
	LIST_HEAD(, chan) chans;
	struct chan *first;	/* held: its key is Session.SigningKey, for good */
	struct loop_timer unclaimed;	/* pushed, and no connection came */
	bool sealed;		/* the client encrypts, whether or not it must */
	bool over;		/* logged off or ended: only answers in hand still use it */
	uint32_t refs;		/* chans, and one while it is in worker->sessions */
};

struct chan {
	LIST_ENTRY(chan) of_session, of_conn;
	struct session *session;
	struct conn *conn;
	struct smb2_signer *signer;	/* NULL for guests */
	uint32_t refs;		/* requests, and one while it is listed */
};

/* ---- conn.c ---- */

/* A logon on this connection besides the one it came with, or a re-authentication. */
struct setup {
	LIST_ENTRY(setup) of_conn;
	struct conn *conn;
	uint64_t id;		/* SessionId; 0 before the store gave one */
	bool again;		/* re-authenticates session id */
	struct chan *binds;	/* … or binds to it: its first channel, held */
	uint8_t key[SECRET_BOUND];	/* of the new channel, once the store has pushed it */
	size_t key_n;
	struct logon *logon;
	struct smb2_preauth hash;
	uint8_t mode;
	uint32_t rounds;
	struct rq *rq;		/* the SESSION_SETUP in hand */
};

struct rx {
	uint8_t head[RX_PEEK];	/* the beginning of a frame whose rest goes elsewhere */
	size_t head_n;
	uint8_t *part;		/* bytes that could not be handled yet; malloc */
	size_t part_n;
	bool stopped;		/* part begins with a whole frame: conn_may_read() said no */
	/* a frame received where it is wanted */
	struct bulk bulk;
	size_t want, have;	/* of bulk */
	bool sealed;		/* bulk is what follows a transform header, which is in head */
	bool peek;		/* the last frame was bulk: look before reading much */
};

struct conn {
	TAILQ_ENTRY(conn) all;
	struct worker *worker;
	int fd;			/* -1: closed, waiting for its last answers */
	struct loop_fd watch;
	struct conn_params params;
	struct smb2_preauth negotiate_hash;
	struct window window;
	struct rx rx;
	uint32_t starved;	/* requests that wait for payload memory: nothing is read */
	size_t held[STORAGE_SEATS];	/* bytes of payload memory that count for this connection */
	uint8_t recent;		/* seat of the storage it spoke of last */
	uint32_t n_outgoing;	/* answers not sent: nothing is read beyond OUTGOING_MAX */
	LIST_HEAD(, chan) chans;
	uint32_t n_chans;
	LIST_HEAD(, setup) setups;
	TAILQ_HEAD(, frame) frames;	/* not answered yet */
	TAILQ_HEAD(, frame) outgoing;	/* answered, not (wholly) sent */
	size_t sent;		/* bytes of the first outgoing frame that are gone */
	uint32_t n_async;
	uint32_t n_late;	/* answered requests that fsd has not answered: rq_cut() */
	uint32_t parked;	/* requests that wait for scripts */
	bool dirty;		/* in worker->dirty */
	TAILQ_ENTRY(conn) of_dirty;
	uint64_t moved;		/* when bytes last moved, for STALL_MS */
	uint64_t since;		/* a connection without session is not kept */
	uint32_t refs;		/* frames, setups, and one while it is open */
};

/* ---- worker.c ---- */

TAILQ_HEAD(conn_list, conn);
TAILQ_HEAD(rq_list, rq);

struct worker {
	struct smbd *smbd;
	struct storage *storages[STORAGE_SEATS];
	struct conn_list conns;
	uint32_t n_conns;
	struct conn_list dirty;	/* have something to send at the end of this tick */
	struct idmap sessions;
	struct table *opens;
	uint64_t next_async;
	uint32_t next_chain;
	uint64_t next_pipe;
	uint32_t n_pipes;
	struct rq_list starved;	/* READs and WRITEs waiting for arena slots */
	size_t spared;		/* bytes of our own memory lent where the arena was full */
	struct rq_list pace[2];	/* unanswered, oldest first: PACE_QUICK_MS, PACE_SLOW_MS */
	struct loop_timer pace_timer[2];
	struct loop_timer idle, stall;
	struct loop_tick tick;
	struct frame *free_frames;
	struct rq *free_rqs;
	uint32_t n_free;
	bool retiring, stopping;
	bool hooked;		/* scripts want to decide or to hear: hook.h */
	struct hooks *hooks;	/* NULL: there never were any */
	uint8_t *scratch;	/* RX_SCRATCH bytes: one recv() */
	uint64_t requests;
};

extern const struct node_events worker_events;
void *worker_begin(struct smbd *);
void worker_serve(void *me);
/* The worker may go when nothing needs it any more. */
void worker_rest(struct worker *);
void worker_close_all(struct worker *, const char *why);

/* session.c */
nt session_new(struct worker *, const struct worker_session_req *, struct session **ret) MUST_USE;
struct session *session_find(struct worker *, uint64_t id);
bool session_has_expired(const struct session *);
/* Keys for this connection; the session's first one also makes its sealers. */
nt session_attach(struct session *, struct conn *, uint8_t client_mode, const struct smb2_preauth *,
    struct chan **ret) MUST_USE;
/*
 * It is over: no request finds it from here on; opens and trees are gone once
 * fsd has said so and done() is called.  tell_store: it does not know yet.
 */
typedef void session_ended(void *ctx);
void session_end(struct session *, bool tell_store, session_ended *, void *ctx);
/* A further channel of it, with a key of its own.  3.3.5.5.3 */
nt session_bind(struct session *, struct conn *, struct span key, const struct smb2_preauth *,
    struct chan **ret) MUST_USE;
struct chan *chan_find(struct conn *, uint64_t session_id);
struct chan *chan_hold(struct chan *);
void chan_release(struct chan *);
/* The connection is gone: sessions that were only here end. */
void chan_unlist(struct chan *);

/* tree.c */
nt tree_new(struct session *, struct tree **ret) MUST_USE;
struct tree *tree_find(struct session *, uint32_t id);
void tree_drop(struct session *, struct tree *);	/* its opens too */
void trees_drop(struct session *);

/* open.c */
/* at: NULL for a pipe. */
nt open_new(struct session *, uint32_t tree_id, struct storage *at, struct open **ret) MUST_USE;
/* Names it by fsd's number, so that fsd can speak of it. */
nt open_bind(struct open *, uint64_t file) MUST_USE;
struct open *open_find(struct session *, uint32_t tree_id, struct smb2_fid);
struct smb2_fid open_fid(const struct open *);
void open_drop(struct open *);
void opens_drop(struct session *, const uint32_t *tree_id);	/* NULL: all */

/* bulk.c */
/* Where that storage can see it.  STATUS_RETRY: wait. */
nt bulk_alloc(struct conn *, struct storage *, size_t n, struct bulk *ret) MUST_USE;
/* Is it where that storage can see it, or memory of our own that counts? */
bool bulk_suits(const struct bulk *, const struct storage *);
nt bulk_alloc_private(size_t n, struct bulk *ret) MUST_USE;
void bulk_free(struct worker *, struct bulk *);	/* zeroed is fine */
/* Requests that waited for memory are tried again; true if one waits no more. */
bool bulk_feed(struct worker *);

/* conn.c */
struct conn *conn_new(struct worker *, int fd, const struct handover *);	/* takes fd */
void conn_start(struct conn *);
/* The struct stays until its refs are gone. */
void conn_close(struct conn *, const char *why);
void conn_hold(struct conn *);
void conn_release(struct conn *);
bool conn_may_read(const struct conn *);
void conn_reading(struct conn *);	/* decide anew whether we read */
void conn_bury(struct conn *);		/* what conn_close() left for the end of the tick */
static inline bool
conn_is_open(const struct conn *c)
{
	return c->fd >= 0;
}

/* receive.c */
void conn_receive(struct conn *);
void conn_resume(struct conn *);	/* reading was stopped with bytes in hand */
void rx_drop(struct conn *);

/* transmit.c */
void conn_transmit(struct conn *);
void conn_dirty(struct conn *);

#endif
