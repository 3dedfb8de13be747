/*
 * conn.h - one TCP connection with a server and what travels on it: packets
 * out, requests in flight, frames in.  Everything that comes in is hostile.
 * [MS-SMB2] 3.2.1.2
 */
#ifndef CLIENTD_SESSION_CONN_H
#define CLIENTD_SESSION_CONN_H

#include <sys/queue.h>

#include "base/loop.h"
#include "clientd/session/fiber.h"
#include "ipc/types.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"
#include "proto/transport.h"

#define MSG_ELEMENTS	 6u		/* of one compound */
#define IN_FLIGHT_MAX	 512u		/* requests of one connection */
#define CREDITS_WANTED	 512u		/* what we ask a server for in all: 32 MiB in flight */
#define INTERIM_MAX	 64u		/* STATUS_PENDING answers to one request */
#define FRAME_EARLY_MAX	 (64u * 1024)	/* a frame before the session stands */
#define IO_BOUND	 (8u * 1024 * 1024)	/* of one READ or WRITE, whatever the server says */
#define FRAME_SLACK	 (64u * 1024)	/* headers and contexts around a payload */
#define SCRATCH_SIZE	 (64u * 1024)

struct client;
struct session;
struct msg;

/* One received frame, decrypted; freed with the last reply that borrows from it. */
struct frame {
	unsigned refs;
	size_t n;
	uint8_t b[];
};

/* The answer to one request.  status: the server's. */
struct reply {
	nt status;
	struct smb2_hdr hdr;
	struct rd body;		/* base at the header, standing behind it */
	struct frame *frame;
	struct span raw;	/* the element, for who has to verify it later */
};

/* In flight.  Owned by its connection, known to its asker while that still waits. */
struct request {
	TAILQ_ENTRY(request) of_conn;
	struct msg *msg;	/* NULL: nobody waits any more */
	unsigned index;		/* in msg */
	uint64_t message_id, async_id;
	uint64_t deadline;	/* CLOCK_MONOTONIC ns; 0: only cancelled */
	uint16_t command;
	uint16_t charge;
	uint32_t tree_id;
	unsigned interims;
	bool sent, async, sealed, signed_;
	bool raw;		/* smb.raw: whatever comes is its answer */
	bool unverified;	/* SESSION_SETUP: its asker verifies, keys come with the answer */
};
TAILQ_HEAD(requests, request);

/* On its way out.  buf has room for the transform and transport headers in front. */
#define PACKET_LEAD (SMB2_TRANSFORM_SIZE + TRANSPORT_HDR_SIZE)
struct packet {
	TAILQ_ENTRY(packet) of_conn;
	uint8_t *buf;
	size_t from, end;	/* what goes on the wire, once it is dressed */
	unsigned n;
	size_t at[MSG_ELEMENTS];	/* where in buf each element's header stands */
	struct request *rq[MSG_ELEMENTS];
	uint32_t charge;
	bool seal, sign;
	bool raw;		/* a script's own bytes: ids are not touched */
	struct smb2_preauth *preauth;	/* takes the message as it is sent */
};
TAILQ_HEAD(packets, packet);

/* What NEGOTIATE fixed; [MS-SMB2] 3.2.1.2. */
struct negotiated {
	uint16_t dialect, cipher, signing_alg;
	uint16_t server_mode;
	uint32_t server_caps;
	struct id16 server_guid;
	uint32_t max_transact, max_read, max_write;
	uint8_t token[2048];	/* the server's SPNEGO hint */
	size_t token_n;
};

/* An open of ours that holds an oplock: a break of it is acknowledged at once. */
struct holder {
	LIST_ENTRY(holder) of_bond;
	struct smb2_fid fid;
	uint32_t tree_id;
	bool seal;
	bool broken;		/* once is all that 3.3.4.6 has an answer for */
};

/*
 * What the channels of a session share: one encryption key and one count of nonces
 * for all, whose values must never come twice.  3.2.1.3, 3.2.1.8
 */
struct bond {
	unsigned refs;
	uint8_t signing_key[16];	/* Session.SigningKey: what a binding is signed with */
	struct smb2_sealer *out, *in;	/* NULL: no cipher, or no keys at all */
	uint16_t sequence;		/* ChannelSequence: how many channels were lost */
	LIST_HEAD(, holder) holders;
};

struct conn {
	TAILQ_ENTRY(conn) all, of_dirty;
	struct client *client;
	struct session *session;	/* whose it is; NULL once it was left */
	unsigned refs;
	int fd;				/* -1: closed */
	nt why;				/* then: what its requests ended with */
	bool dirty;
	struct loop_fd watch;
	struct loop_timer sweep;	/* looks for deadlines while anything is in flight */
	struct net_addr server;
	struct negotiated nego;
	struct smb2_preauth preauth;	/* the connection's; 3.2.5.2 */
	uint32_t timeout_ms;

	/* what SESSION_SETUP fixed */
	uint64_t session_id;
	struct smb2_signer *signer;	/* the channel's own */
	struct bond *bond;
	struct smb2_sealer *out, *in;	/* the bond's */
	uint8_t application_key[16];
	bool ready;			/* the session stands */
	bool validated;			/* … and so does the negotiation, 3.2.5.5 */
	bool sign, seal;		/* … and all its requests are signed, or sealed */
	uint32_t epoch;			/* trees and files belong to one of these */

	/* credits; 3.2.4.1.2 */
	uint64_t next_id;
	uint32_t credits, charged;	/* at hand; held by requests in flight */

	struct packets waiting, outgoing;	/* for credits; for the socket */
	size_t sent;			/* of the first outgoing one */
	struct requests in_flight;
	size_t n_in_flight;
	uint64_t bytes_in, bytes_out;
	uint32_t traced_as;		/* its number for who traces; 0: none yet */

	/* what comes in */
	uint8_t *in_buf;		/* SCRATCH_SIZE; bytes [in_at, in_n) wait */
	size_t in_at, in_n;
	struct frame *frame;		/* under construction: have of frame->n */
	size_t have;
};

/* Takes fd, a connected socket. */
nt conn_new(struct client *, int fd, const struct net_addr *server, struct conn **ret) MUST_USE;
void conn_hold(struct conn *);
void conn_release(struct conn *);	/* NULL is fine; the last one closes it */
DEFINE_CLEANUP(struct conn, conn_release)
static inline bool
conn_is_open(const struct conn *c)
{
	return c && c->fd >= 0;
}
/* No byte moves from here on; what is in flight ends with why. */
void conn_close(struct conn *, nt why);
/* The server broke a rule of the protocol: logged, counted, closed. */
void conn_nonsense(struct conn *, const char *why);
/* Something to send or to finish: looked at at the end of this tick. */
void conn_dirty(struct conn *);
/* At the end of a tick: sends what credits allow.  True if anything ended meanwhile. */
bool conns_flush(struct client *);
uint32_t conn_frame_max(const struct conn *) MUST_USE;

/* bond.c.  The session stands on this connection; out and in are taken, and may be NULL. */
nt bond_new(struct conn *, const uint8_t *signing_key) MUST_USE;
void bond_share(struct conn *, struct bond *);
void bond_release(struct bond *);
/* c, or another channel of its session if c is closed and there is one; nothing is held. */
struct conn *conn_alive(struct conn *c);

/* receive.c */
void conn_receive(struct conn *);
void frame_release(struct frame *);
/* One whole message as it came; tests and fuzzers come in here. */
void conn_frame(struct conn *, struct frame *);

/* answer.c: the elements of a message to the requests they answer. */
void conn_message(struct conn *, struct frame *, struct span msg, bool sealed);

/* credit.c */
bool credit_covers(const struct conn *, const struct packet *) MUST_USE;
/* Gives the packet its message ids and asks for more credits. */
void credit_spend(struct conn *, struct packet *);
void credit_grant(struct conn *, const struct request *, const struct smb2_hdr *);
/* Could a packet of that charge ever go out, with nothing else in flight? */
uint32_t credit_ceiling(const struct conn *) MUST_USE;

/* trace.c: a message as it is in the clear; only while somebody looks */
void conn_trace(struct conn *, struct span msg, bool answer, bool sealed);

/* transmit.c */
nt packet_dress(struct conn *, struct packet *) MUST_USE;	/* signs or seals; .from and .end */
void packet_drop(struct packet *);
void conn_transmit(struct conn *);

#endif
