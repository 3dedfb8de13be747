/*
 * said.h - why a call failed, in words that name what a server said.
 */
#ifndef CLIENTD_SESSION_SAID_H
#define CLIENTD_SESSION_SAID_H

#include "clientd/session/client.h"

/*
 * The failure's sentence instead of the status' own: at most TEXT_BOUND bytes of UTF-8, and nothing
 * that a terminal would obey.
 */
void job_says(struct job *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A name for such a sentence, cut where it is too long for one.  On fiber memory. */
const char *said(const char *);

#endif
