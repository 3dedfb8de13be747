/*
 * rq.h - one request in hand (struct rq), and the frame it came in: one message
 * of the client, a compound of one or more requests, and its answer.
 * [MS-SMB2] 3.3.5.2.7, 3.3.4.1.3
 *
 * A handler (struct smbd_cmd) decodes, decides and asks; whoever has the answer
 * writes the body with rq_body() and ends with rq_done() or rq_fail().
 */
#ifndef SMBD_RQ_H
#define SMBD_RQ_H

#include <assert.h>

#include "smbd/worker.h"

#define RQ_OUT	       1024u	/* answers up to here need no memory of their own */
#define FRAME_LEAD     (4 + SMB2_TRANSFORM_SIZE)

/* What later elements of a related compound inherit, 3.3.5.2.7.2. */
struct inherit {
	struct chan *chan;	/* held */
	uint32_t tree_id;
	struct smb2_fid fid;
	bool placed, has_fid;
	nt status;		/* why there is none: a failed CREATE's, or FILE_CLOSED */
};

struct frame {
	TAILQ_ENTRY(frame) of_conn;
	struct frame *next_free;
	struct conn *conn;
	struct rq *first, *last;	/* its requests, in order */
	uint32_t left;		/* of them not answered */
	uint32_t in_fsd;	/* … of which run in one chain at fsd */
	uint32_t chain;		/* fsd's chain number; 0: a single request */
	struct storage *at;	/* whose chain it is; only compared */
	uint32_t count;
	struct smb2_chain more;	/* elements not looked at yet */
	uint8_t *copy;		/* owned bytes that more points into, once it had to wait */
	struct inherit from;
	bool walking;		/* frame_walk() is on the stack */
	bool sealed;		/* the client encrypted it, so do we */
	bool looked;		/* taps were asked about it: … */
	uint32_t traced;	/* … these want to see it, and its answer */
	struct chan *seal_chan;	/* held */
	struct bulk bulk;	/* payload of a single WRITE until its request has it */
	uint32_t bulk_skip;
	uint8_t lead[FRAME_LEAD];	/* transport header, transform header if sealed */
	size_t lead_n, total;
};

/* What a frame's bytes are, when they come to be handled. */
struct frame_in {
	struct span bytes;	/* from the (inner) SMB2 header on */
	bool sealed;
	struct chan *chan;	/* of the transform header */
	struct bulk *bulk;	/* payload of a single WRITE was put here; taken over by it */
	uint32_t bulk_skip;	/* … from there on */
};

struct hook_rq;

enum rq_pace { RQ_PACE_QUICK, RQ_PACE_SLOW, RQ_PACE_NONE };

struct rq {
	TAILQ_ENTRY(rq) of_pace, of_starved;
	struct rq *next;	/* in its frame, or free */
	struct frame *frame;
	const struct smbd_cmd *cmd;
	struct smb2_hdr hdr;
	struct chan *chan;	/* held; NULL without session */
	uint32_t tree_id;
	struct smb2_fid fid;
	uint64_t file;		/* fsd's number, or FILE_CHAIN */
	uint64_t async_id;	/* not 0: PENDING was sent */
	struct setup *setup;	/* SESSION_SETUP: whose step this is */
	struct pipe *pipe;	/* waits for this pipe's answer */
	struct hook_rq *hook;	/* something is hooked that may be about this; or NULL */
	struct storage *at;	/* of its tree; held; NULL without one, and for IPC$ */
	struct link *asked;	/* call_id is out there */
	uint64_t call_id;
	uint64_t since;
	uint8_t pace;		/* enum rq_pace; RQ_PACE_NONE: not listed */
	bool done, starved, cancelled;
	bool late;		/* answered without fsd, which is asked still: rq_cut() */
	bool placed;		/* it has the session and tree that it needs */
	bool handled;		/* its handler saw it: it was admitted */
	bool must_sign, must_seal, no_sign;	/* its answer */
	bool in_chain;		/* counted in frame->in_fsd */
	nt status;
	uint16_t credits;	/* granted by this answer */
	/* what a handler remembers between its halves */
	union {
		struct {
			uint64_t offset;
			uint32_t length, minimum;
			uint32_t flags;
			uint8_t class_;
		} io;
		struct {
			uint32_t contexts;	/* present in the request */
			bool is_lease;
			bool has_parent;
			uint8_t lease_key[16];
			uint8_t parent_key[16];
		} create;
		struct {
			uint32_t code, max_out;
		} query;
		struct {
			char *share;	/* until fsd has answered */
		} tree;
	} u;
	struct bulk bulk;
	uint32_t bulk_skip, bulk_n;	/* the part of it that is sent behind out */
	uint8_t *big;		/* malloc, instead of out */
	struct wr w;		/* over out or big: header at 0, then the body */
	size_t pad;
	uint8_t padding[8];	/* its own: encryption in place writes to it */
	uint8_t out[RQ_OUT];
};

struct smbd_cmd {
	/* r stands behind the header.  A failure is the answer; else the handler saw to it. */
	nt (*request)(struct rq *, struct rd r);
	uint8_t pace;		/* enum rq_pace: when to tell the client to wait */
	bool chains;		/* may run in a chain at fsd behind others of its compound */
	bool any_file;		/* looks up its file itself: IOCTL, some of which have none */
	bool cut;		/* once PENDING was sent CANCEL is answered without waiting for fsd */
	/* Its second step, with payload memory: STATUS_RETRY if there is none.  See rq_try(). */
	nt (*bulk)(struct rq *);
	/* CANCEL of a request that waits here and not at fsd; may be NULL. */
	void (*cancel)(struct rq *);
};

extern const struct smbd_cmd *const smbd_cmds[SMB2_CMD_MAX];

/* frame.c */
struct rq *rq_new(struct frame *);
struct frame *frame_new(struct conn *);
/* Whatever list it was on, its owner has taken it off. */
void frame_drop(struct frame *);
/* Its connection is closed: gone as soon as nobody has been asked for it any more. */
void frame_reap(struct frame *);

/* rq.c */
/* Where the body goes, with room for `more` bytes.  NULL without memory: rq_fail() was called. */
struct wr *rq_body(struct rq *, size_t more);
#define RQ_HDR_AT 0
void rq_done(struct rq *, nt status);			/* with the body written */
void rq_fail(struct rq *, nt status);			/* with an ERROR response */
void rq_fail_data(struct rq *, nt status, struct span error_data);
/* rq_fail() if it is a failure. */
bool rq_failed(struct rq *, nt status);

struct worker *rq_worker(const struct rq *);
/* To the fsd that has its tree; NULL: it has gone meanwhile. */
struct link *rq_fsd(const struct rq *);
void rq_place(struct rq *, struct storage *);	/* NULL is fine */
uint32_t rq_max_io(const struct rq *);
struct session *rq_session(const struct rq *);
struct tree *rq_tree(const struct rq *);
struct open *rq_open(const struct rq *);	/* NULL for FILE_CHAIN, or if it has gone */

/* Asking fsd: options for this request, and what its request half ends with. */
struct call_opt rq_opt(const struct rq *);
/* The call is out (s as fsd_x_call_id() returned it): watch it. */
nt rq_asked(struct rq *, struct link *, nt s) MUST_USE;
/* First thing in every reply half: the call is back.  False: nobody waits, rq is gone. */
bool rq_back(struct rq *);

/* Runs cmd->bulk; if there is no memory it waits, and rq_retry() (false: still none) runs it. */
nt rq_try(struct rq *) MUST_USE;
bool rq_retry(struct rq *);
void rq_starve(struct rq *, bool on);	/* it waits for payload memory, or no more */

/* async.c: interim answers and CANCEL, 3.3.4.2, 3.3.5.16 */
void rq_pace(struct rq *);
void rq_unpace(struct rq *);
void rq_interim(struct rq *);	/* at once */
void rq_cancel(struct conn *, const struct smb2_hdr *);
/*
 * A request that waits at fsd ends there, and is answered by the one returned,
 * which takes its place; its own reply half hears what fsd says, with rq->late
 * set.  NULL: not now, too many of the connection are.
 */
struct rq *rq_cut(struct rq *);

/* admit.c */
uint16_t rq_charge(const struct conn *, const struct smb2_hdr *);	/* it pays, 3.3.5.2.5 */
/* row: of its command; NULL: there is none such.  A failure is the answer. */
nt rq_admit(struct rq *, const struct smb2_element *, const struct smb2_command *row) MUST_USE;
/* For a refusal: rq->chan becomes that whose key signed the request, if there is one. */
void rq_find_signer(struct rq *, struct span bytes);
/* Resolves a FileId, the compound's if it is all ones: sets rq->fid and rq->file. */
nt rq_take_file(struct rq *, struct smb2_fid) MUST_USE;

/* dispatch.c */
void frame_handle(struct conn *, const struct frame_in *);
void frame_walk(struct frame *);
void frame_end(struct frame *);
/* A request that waited outside of its handler goes on with go(), whose failure is its answer. */
void frame_resume(struct rq *, nt (*go)(struct rq *));
/* A CREATE that others of its compound lean on has failed. */
void frame_create_failed(struct frame *, const struct rq *, nt);
void frame_create_bound(struct frame *, const struct open *);
/* cmd_query_info.c: for pipes too */
void query_info_answer(struct rq *, nt status, struct span data);

/* finish.c: headers, credits, signatures; then it is the socket's */
void frame_finish(struct frame *);
/* The pieces of a finished frame behind its lead; iov of FRAME_IOV. */
#define FRAME_IOV (COMPOUND_MAX * 3)
size_t frame_iov(const struct frame *, struct iovec *iov);

#endif
