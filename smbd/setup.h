/*
 * setup.h - logons on a connection that a worker already has: another session,
 * or the same one again.  [MS-SMB2] 3.3.5.5
 */
#ifndef SMBD_SETUP_H
#define SMBD_SETUP_H

#include "smbd/rq.h"

/* The one with this session id; or NULL. */
struct setup *setup_find(struct conn *, uint64_t id);
/* id: 0 for a session to come.  binds: the channel by whose session's key this connection joins it, or NULL. */
nt setup_new(struct conn *, uint64_t id, struct chan *binds, struct setup **ret) MUST_USE;
/* A session whose client cannot prove itself again is over; our own troubles do not count. */
void setup_failed(struct setup *, nt status);
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
