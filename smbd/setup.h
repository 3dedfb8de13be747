/*
 * setup.h - logons on a connection that a worker already has: another session,
 * or the same one again.  [MS-SMB2] 3.3.5.5
 */
#ifndef SMBD_SETUP_H
#define SMBD_SETUP_H

#include "smbd/rq.h"

/* The key of a channel that is being bound.  STATUS_INVALID_PARAMETER if there is none such. */
nt setup_take_key(struct worker *, const struct worker_session_req *) MUST_USE;
/* Its connection is closed. */
void setups_drop(struct conn *);
/* Ends rq with the last SESSION_SETUP answer of ch, which the client's keys must fit. */
void setup_succeed(struct rq *, struct chan *, struct span token);
/* Tells the store what was agreed on. */
void setup_report(const struct chan *);
/* rq's answer stands in bytes, or never will (empty): the pre-auth hash wants to know. */
void setup_answered(struct rq *, struct span bytes);

#endif
