/*
 * channel.h - the connections of one session: further ones beside the first, all of
 * equal right.  What is sent may go over any of them, and when one is lost over the others.
 */
#ifndef CLIENTD_SESSION_CHANNEL_H
#define CLIENTD_SESSION_CHANNEL_H

#include "clientd/session/session.h"

/* As many as the session is to have, if the server can; once for each time that it stands. */
void channels_open(const struct where *);
/* How many the session of this one has. */
unsigned channels_count(const struct conn *);
/* Forgets those that are closed; s->conn is an open one if there is any. */
void channels_sweep(struct session *);
/* Lets go of all of them; what is in flight on them goes on until it is answered. */
void channels_drop(struct session *);

#endif
