/*
 * authd.h - the roles that the program bulkhead-authd plays.
 *
 * Each is a process of its own with a folder of its own; they share no state
 * and no headers but this one.
 */
#ifndef AUTHD_AUTHD_H
#define AUTHD_AUTHD_H

#include "ipc/birth.h"

/* All return the exit code. */
int store_main(const struct birth *);
int names_main(const struct birth *);
int krb_main(const struct birth *);
int net_main(const struct birth *);
int cred_main(const struct birth *);

#endif
