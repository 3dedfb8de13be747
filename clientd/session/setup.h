/*
 * setup.h - a logon under way: its tokens, and the messages that carry them.
 * [MS-SMB2] 3.2.4.2.3, 3.2.5.3
 */
#ifndef CLIENTD_SESSION_SETUP_H
#define CLIENTD_SESSION_SETUP_H

#include "clientd/session/creds.h"
#include "clientd/session/session.h"
#include "proto/auth/spnego.h"

#define LIST_MAX 64u

struct logon {
	struct session *s;
	struct conn *c;
	struct smb2_preauth preauth;
	enum spnego_mech mech;
	bool raw;		/* NTLMSSP without a wrapper */
	struct conn *to;	/* c is to be a channel of the session on this one */
	bool again;		/* the session stands already; keys and opens stay, 3.2.5.3.2 */
	bool finished;		/* our last token is out */
	struct proof proof;
	uint8_t list[LIST_MAX];	/* DER of the MechTypeList that we sent */
	size_t list_n;
	uint16_t flags;		/* SessionFlags of the last answer */
};

/*
 * setup_token.c.  Tokens lie on fiber memory.  Whether Kerberos may, must or must not
 * be used the keeper of the credential knows.
 */
nt logon_begin(struct logon *, struct span *ret) MUST_USE;
/* MORE_PROCESSING_REQUIRED came with this token; *ret: ours. */
nt logon_continue(struct logon *, struct span token, struct span *ret) MUST_USE;
/* The last answer's token: what the server proves by it. */
nt logon_end(struct logon *, struct span token) MUST_USE;

#endif
