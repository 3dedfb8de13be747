/*
 * logon_token.h - what a client's authentication token is: which mechanism, in
 * which framing, and whether SPNEGO wants a mechListMIC.  Pure.
 * [RFC4178] 4, 5; [MS-SPNG] 3.3
 */
#ifndef SMBD_LOGON_TOKEN_H
#define SMBD_LOGON_TOKEN_H

#include <stdbool.h>

#include "ipc/msg/conf.msg.h"
#include "proto/auth/spnego.h"

/* What the configuration lets a client use. */
struct logon_mechs {
	bool kerberos, ntlm;
	bool ntlm_first;	/* our own order, where the client leaves us the choice */
};

/* What one token of the client holds. */
struct logon_in {
	bool raw;			/* no SPNEGO around it */
	bool is_init;			/* opens a negotiation: mech and mech_list hold */
	bool ask;			/* nothing of use in it yet: ask for mech */
	bool mic_due;			/* mech was not the client's first: [RFC4178] 5 */
	enum spnego_mech mech;		/* UNKNOWN: what was agreed on before */
	struct span token;		/* may be empty if there is a MIC */
	struct span mech_list;		/* as received */
	struct span mic;
};

struct logon_mechs logon_mechs(const struct conf_server_req *);
/* The mechanisms for the hint of a NEGOTIATE answer, in our order; how many. */
size_t logon_hint(const struct logon_mechs *, enum spnego_mech ret[SPNEGO_MECHS_MAX]);
/* STATUS_LOGON_FAILURE: no mechanism in common, or not one we know. */
nt logon_token_read(struct span token, const struct logon_mechs *, struct logon_in *ret) MUST_USE;

#endif
