/*
 * telling.h - what a script wants goes to several processes; it hears that it is so
 * when all of them have answered.
 *
 *	t = telling_new(rq);
 *	telling_asked(t, ..._call(link, &req, &opt, ...answered, t));	for each
 *	telling_done(t);						all are asked
 *
 * and each answer ends with telling_done(t) as well.
 */
#ifndef BROKER_TELLING_H
#define BROKER_TELLING_H

#include "broker/api/api.h"

#define TOLD_MS 2000u	/* for a process to say that it knows */

struct telling;

/* rq: is done when all know; NULL: nobody waits. */
struct telling *telling_new(struct request *rq);
/* One more is awaited, unless its call has failed. */
void telling_asked(struct telling *, nt called);
/* The last one frees it. */
void telling_done(struct telling *);
/* So much never reached the script: the answer says it. */
void telling_lost(struct telling *, uint64_t n);

#endif
