/*
 * request.h - a message to the server and its answers, seen by who asks.
 *
 *	struct msg m CLEANUP(msg_end) = { 0 };
 *
 *	TRY(msg_begin(&m, conn, MSG_ROOM));
 *	at = msg_add(&m, SMB2_CMD_echo, 0, 0);
 *	smb2_echo_req_encode(&m.w, at, &req);
 *	TRY(msg_exchange(&m));
 *	TRY(m.reply[0].status);
 *	ANSWER(smb2_echo_rsp_decode(&m.reply[0].body, &rsp));
 */
#ifndef CLIENTD_SESSION_REQUEST_H
#define CLIENTD_SESSION_REQUEST_H

#include "clientd/session/conn.h"

#define MSG_ROOM 1024u	/* of a message with no names or payload in it */

/* Being built, then under way, then answered.  Not moved meanwhile. */
struct msg {
	struct conn *conn;	/* held */
	struct packet *packet;	/* until it is sent */
	struct wr w;
	unsigned n;
	struct request *rq[MSG_ELEMENTS];	/* in flight */
	struct reply reply[MSG_ELEMENTS];
	unsigned open;		/* how many are not answered */
	nt lost;		/* why the rest never will be */
	uint32_t timeout_ms;	/* 0: the connection's; UINT32_MAX: none */
	bool force_sign;
	bool force_seal;
	struct waitq answered;
	void (*done)(void *ctx);	/* instead of the queue: called once nothing is open */
	void *ctx;
};

/* room: for all elements.  STATUS_CONNECTION_RESET on a closed connection (or why it closed). */
nt msg_begin(struct msg *, struct conn *, size_t room) MUST_USE;
/*
 * The next element's header; returns where it stands, for the body's encoder.
 * Elements after the first are related to it.  payload: what is sent or may be
 * answered beyond the fixed parts, for the credit charge.
 */
size_t msg_add(struct msg *, uint16_t command, uint32_t tree_id, uint64_t payload) MUST_USE;
/* Sends it.  The answers come to done(), or to msg_wait(). */
nt msg_submit(struct msg *) MUST_USE;
/* Until all elements are answered.  A failure is ours: the answers may be incomplete. */
nt msg_wait(struct msg *) MUST_USE;
nt msg_exchange(struct msg *) MUST_USE;	/* both */
/* Gives back everything; what is still in flight is cancelled and its answers are dropped. */
void msg_end(struct msg *);
static inline void
msg_end_p(struct msg *m)
{
	msg_end(m);
}
/* Gives it back while the server goes on with it; nobody hears of the answers. */
void msg_forget(struct msg *);
/* Answers still come, progress was made elsewhere: the deadline counts from now. */
void msg_refresh(struct msg *);
/* Tells the server that the answer is no longer wanted; it still comes. */
void msg_cancel(struct msg *);

/* An answer that does not decode is the server's fault, whatever the decoder calls it. */
#define ANSWER(expr)                                           \
	do {                                                   \
		if (nt_failed(expr))                           \
			return STATUS_INVALID_NETWORK_RESPONSE; \
	} while (0)

/* CANCEL, for which no answer is awaited; the request's own still is. */
void request_cancel(struct conn *, const struct request *);

/* request_done.c; answer.c reports here. */
#define SWEEP_MS  500u
#define NS_PER_MS 1000000u
void request_answered(struct conn *, struct request *, const struct reply *);
void request_lost(struct conn *, struct request *, nt why);
void requests_sweep(void *conn);

#endif
