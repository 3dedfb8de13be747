/*
 * smb.h - a named pipe of a controller by way of SMB 2 and 3: one connection, one
 * request at a time, never a file.  What is to be sent comes out, what the
 * controller sent goes in; no descriptor, no timer.  All it says is hostile, and
 * bounded.  [MS-SMB2] 3.2
 *
 *	smb_begin(s, &w)                          send w
 *	smb_feed(s, &bytes, &w, &event)           send w, until SMB_OPEN
 *	smb_put(s, &w, fragment, last)            send w
 *	smb_feed(s, &bytes, &w, &event)           SMB_READY: the next fragment;
 *	                                          SMB_BYTES: smb_bytes() are the pipe's
 *	smb_get(s, &w)                            the answer is longer than what came
 *
 *	smb.c        messages: headers, credits, signatures, encryption
 *	smb_logon.c  NEGOTIATE and SESSION_SETUP
 *	smb_pipe.c   the tree, the pipe, what goes through it
 */
#ifndef AUTHD_NET_SMB_H
#define AUTHD_NET_SMB_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "ipc/types.h"
#include "proto/auth/ntlm_client.h"
#include "proto/rpc/pdu.h"
#include "proto/smb2/header.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"
#include "proto/transport.h"

#define SMB_PORT     445u
#define SMB_IN_MAX   16384u /* one message of the controller's, without the transport's four bytes */
#define SMB_OUT_ROOM 12288u /* holds whatever one call here appends */

/* Whose pipe, and who we are where nobody in particular is refused.  All is borrowed. */
struct smb_who {
	const char *host, *pipe;
	const char *user, *domain, *workstation;
	const uint8_t *hash; /* NTLM_KEY_SIZE bytes */
};

enum smb_event {
	SMB_NONE,  /* all was taken, nothing is complete */
	SMB_OPEN,  /* the pipe stands */
	SMB_READY, /* a fragment that was not the last has arrived there */
	SMB_BYTES
};

enum smb_step {
	SMB_NEGOTIATE,
	SMB_HELLO, /* SESSION_SETUP, its two rounds */
	SMB_PROOF,
	SMB_TREE,
	SMB_CREATE,
	SMB_WRITE,
	SMB_TRANSCEIVE,
	SMB_READ,
	SMB_IDLE /* nothing is on its way */
};

struct smb {
	struct smb_who who;
	enum smb_step step;
	const char *why; /* of a failure, for people */

	uint16_t dialect, cipher, signing;
	bool machine;	 /* logged on as the machine account, not as nobody */
	bool fid_stands; /* the pipe is open */
	uint64_t message_id, session_id;
	uint32_t credits, tree_id;
	struct smb2_fid fid;
	struct smb2_preauth negotiated, preauth; /* up to NEGOTIATE's answer; and the session's */
	struct smb2_signer *signer;		 /* NULL: nobody's session has no key */
	struct smb2_sealer *out, *in_sealer;
	bool seal;
	struct ntlm_client_keys keys;

	size_t in_n;
	struct span bytes;
	uint8_t in[TRANSPORT_HDR_SIZE + SMB_IN_MAX];
};

void smb_init(struct smb *, const struct smb_who *);
void smb_drop(struct smb *); /* wipes and frees what it holds, not itself */

/*
 * Each fails with s->why set: the connection is of no use then.  Where w goes bad
 * what was said could not be sent.
 */
nt smb_begin(struct smb *, struct wr *w) MUST_USE;
nt smb_feed(struct smb *, struct span *bytes, struct wr *w, enum smb_event *ret) MUST_USE;
nt smb_put(struct smb *, struct wr *w, struct span fragment, bool last) MUST_USE;
nt smb_get(struct smb *, struct wr *w) MUST_USE;
/* What came out of the pipe; valid until the next call. */
struct span smb_bytes(const struct smb *) MUST_USE;

/* ---- between the files of it ---- */

/* A request's header; what is added until smb_request_end() is its body.  Returns hdr_at. */
size_t smb_request(struct smb *, struct wr *w, enum smb_step, uint16_t command) MUST_USE;
nt smb_request_end(struct smb *, struct wr *w, size_t hdr_at) MUST_USE;
nt smb_fail(struct smb *, nt status, const char *why) MUST_USE;

/* An answer to the step's request.  raw: all of it, for the pre-authentication hash. */
struct smb_answer {
	struct smb2_hdr hdr;
	struct rd body;
	struct span raw;
};
typedef nt smb_step_fn(struct smb *, struct smb_answer *, struct wr *w, enum smb_event *ret);
smb_step_fn smb_negotiated, smb_challenged, smb_proved;			/* smb_logon.c */
smb_step_fn smb_tree_stands, smb_pipe_stands, smb_written, smb_came, smb_was_read; /* smb_pipe.c */

/* SESSION_SETUP from its beginning, on a session of its own. */
nt smb_logon(struct smb *, struct wr *w, bool machine) MUST_USE;
/* 3.2.5.3.1: with the key that the logon gave. */
nt smb_keys(struct smb *, const uint8_t key[NTLM_KEY_SIZE]) MUST_USE;
bool smb_verifies(struct smb *, const struct smb_answer *) MUST_USE;
nt smb_tree(struct smb *, struct wr *w) MUST_USE;

#endif
