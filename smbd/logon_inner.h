/*
 * logon_inner.h - what the files of an exchange share: logon.c (whose turn it
 * is), logon_ntlm.c and logon_krb.c (what is said to the store).
 */
#ifndef SMBD_LOGON_INNER_H
#define SMBD_LOGON_INNER_H

#include "smbd/logon.h"

enum logon_stage {
	LOGON_FRESH,		/* nothing came yet, or we asked for another mechanism */
	LOGON_ASKING,		/* the store has been asked */
	LOGON_AWAITING,		/* the client has to answer: a challenge, another leg */
	LOGON_OVER,
};

struct logon {
	void *owner;		/* NULL: nobody wants the answer any more */
	logon_done *done;
	enum logon_stage stage;
	enum spnego_mech mech;	/* agreed on; UNKNOWN: nothing yet */
	bool raw;		/* without SPNEGO */
	bool named;		/* the client has been told which mechanism it is */
	bool mic_due;		/* mech was not the client's first choice */
	uint64_t ctx;
	uint64_t store;		/* the peer that knows ctx */
	struct node *node;
	struct span mech_list, negotiate, challenge;	/* owned copies */
};

bool logon_keep(struct span *dst, struct span src);	/* false without memory */
void logon_tell(struct logon *, nt status, const struct logon_ok *, struct span token);
/* In the framing of the client; names the mechanism once. */
struct span logon_wrap(struct logon *, struct wr *, struct spnego_resp *);
/* The store forgets ctx by itself after a while; this is for the sake of its memory. */
void logon_abort(struct logon *);

nt logon_ntlm_step(struct logon *, struct link *store, const struct logon_about *,
    const struct logon_in *) MUST_USE;
nt logon_krb_step(struct logon *, struct link *store, const struct logon_about *,
    const struct logon_in *) MUST_USE;

#endif
