/*
 * logon.h - one authentication exchange: SPNEGO and NTLMSSP wrappings off,
 * typed fields (a Kerberos token: as it is) to the store, its verdict wrapped
 * again in the client's own framing.  Used by the gate and,
 * for later sessions of a connection, by the worker.  Sees no key.
 * [MS-SMB2] 3.3.5.5.1, 3.3.5.5.3; [MS-SPNG] 3.3; [MS-NLMP] 3.2.5
 */
#ifndef SMBD_LOGON_H
#define SMBD_LOGON_H

#include "ipc/msg/authd.msg.h"
#include "ipc/node.h"
#include "proto/auth/spnego.h"
#include "smbd/logon_token.h"
#include "smbd/smbd.h"

struct logon;

/*
 * MORE_PROCESSING_REQUIRED: send token, step again with the client's answer.
 * SUCCESS: accepted is what the store said, token goes into the last answer.
 * Else it is over; CONNECTION_RESET means the store died, which is no refusal.
 */
struct logon_ok {
	uint64_t session, worker;
	uint32_t flags;		/* AUTH_* */
};
typedef void logon_done(void *owner, nt status, const struct logon_ok *accepted, struct span token);

/* What the store needs to know besides the token. */
struct logon_about {
	struct net_addr client;
	struct logon_mechs mechs;
	bool long_key;		/* 3.1.1 with an AES-256 cipher */
	uint64_t session;	/* re-authenticated or bound to; 0: a new one */
	uint64_t previous_session;
	uint16_t dialect;
	bool binding;
};

/* Of a connection; session, previous_session and binding are still to be said. */
struct logon_about logon_about_conn(const struct conn_params *, const struct conf_server_req *);

struct logon *logon_new(struct node *, void *owner, logon_done *);	/* NULL without memory */
/* The owner is gone; what is under way ends silently.  NULL is fine. */
void logon_drop(struct logon *);
/* After it failed done() is not called; else done() comes, perhaps before this returns. */
nt logon_step(struct logon *, struct link *store, const struct logon_about *, struct span token)
    MUST_USE;
/* The store's number for this exchange: the SessionId of a new logon; 0 before it has one. */
uint64_t logon_ctx(const struct logon *) MUST_USE;
bool logon_is_asking(const struct logon *) MUST_USE;

#endif
