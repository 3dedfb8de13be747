/*
 * clientd.h - the roles that the program bulkhead-clientd plays: the client.
 *
 * Each is a process of its own with a folder of its own; they share no state
 * and no headers but this one.
 */
#ifndef CLIENTD_CLIENTD_H
#define CLIENTD_CLIENTD_H

#include "ipc/birth.h"

/* Both return the exit code. */
int session_main(const struct birth *);
int dialer_main(const struct birth *);

#endif
