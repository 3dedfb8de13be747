/*
 * gate.h - all state of a gate: connections that have not authenticated yet.
 * Private to the gate's files.
 */
#ifndef SMBD_GATE_H
#define SMBD_GATE_H

#include <sys/queue.h>

#include "proto/transport.h"
#include "smbd/handover.h"
#include "smbd/logon.h"
#include "smbd/smbd.h"

/* What a connection waits for; only GCONN_READ reads its socket. */
enum gconn_state {
	GCONN_READ,		/* the client */
	GCONN_WANTS_STORE,	/* a link to the store: the frame in hand is tried again then */
	GCONN_ASKS,		/* the store's answer */
	GCONN_WANTS_WORKER,	/* a link to the worker that the store named */
};

struct gconn {
	TAILQ_ENTRY(gconn) all;
	struct gate *gate;
	uint32_t index;		/* in gate->table */
	int fd;
	struct loop_fd watch;
	struct loop_timer deadline;	/* for the whole authentication */
	struct loop_timer patience;	/* for what state waits for */
	enum gconn_state state;

	/* the message in hand: 4 bytes of transport, then the frame */
	uint8_t *in;
	size_t have, cap;
	uint32_t messages, rounds;

	struct conn_params params;
	struct window window;
	struct smb2_preauth negotiate_hash, session_hash;
	bool multiprotocol;	/* "SMB 2.???" was answered: NEGOTIATE comes again */

	struct smb2_hdr hdr;	/* of the SESSION_SETUP in hand */
	struct logon *logon;
	uint8_t session_mode;

	/* accepted or to be bound, and waiting for its worker */
	uint8_t take_mode;
	uint64_t session, worker;
	struct gate_ask *ask;	/* auth_session_find is out */
	struct window before;	/* the window before the SESSION_SETUP in hand */
	uint8_t *answer;	/* the token for the last SESSION_SETUP answer */
	size_t answer_n;
};

TAILQ_HEAD(gconn_list, gconn);

struct gate_listener {
	struct gate *gate;
	struct loop_fd watch;
};

struct gate {
	struct smbd *smbd;
	struct gconn_list conns;
	struct gconn **table;	/* the same, for choosing one at random */
	uint32_t n_conns, max_conns;
	struct gate_listener listeners[BIRTH_LISTENERS];
	struct loop_timer pause;	/* out of descriptors: accept again later */
	bool stopping;
	uint64_t started;	/* FILETIME, for NEGOTIATE */
	uint64_t accepted, dropped, refused;
};

/* gate.c */
struct gconn *gate_admit(struct gate *, int fd);
extern const struct node_events gate_events;

/* gate_conn.c: bytes in and out of one connection */
void gconn_start(struct gconn *);
void gconn_drop(struct gconn *, const char *why);
/* Handle the message in hand (again). */
void gconn_handle(struct gconn *);
/* Back to reading: the message in hand is done with. */
void gconn_next(struct gconn *);
void gconn_wait(struct gconn *, enum gconn_state, uint32_t ms);
/*
 * One answer to hdr: its body is in w behind SMB2_HDR_SIZE, or w is NULL for an
 * ERROR response.  Grants credits; the message as sent goes into hash, if given.  May drop c.
 */
void gconn_answer(struct gconn *, const struct smb2_hdr *, nt status, struct wr *w,
    struct smb2_preauth *hash);

/* gate_negotiate.c */
void gconn_negotiate(struct gconn *, const struct smb2_element *);
void gconn_negotiate_smb1(struct gconn *, struct span frame);

/* gate_setup.c */
void gconn_setup(struct gconn *, const struct smb2_element *);

/* gate_give.c: over to the worker */
void gconn_give(struct gconn *);
/* The SESSION_SETUP in hand binds to a session: its worker is found, and gets it unread. */
void gconn_bind(struct gconn *, struct link *store);
void gate_ask_orphan(struct gate_ask *);

/* Where answers are built: transport header, SMB2 header at ANSWER_HDR_AT, body. */
#define GATE_ANSWER_MAX 8192u
#define ANSWER_HDR_AT	TRANSPORT_HDR_SIZE
#define ANSWER_BODY_AT	(ANSWER_HDR_AT + SMB2_HDR_SIZE)

#endif
