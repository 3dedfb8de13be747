/*
 * await.h - clients whose token was right and whose mechListMIC is still to
 * come: a bounded number, each for a bounded time.  [RFC4178] 5
 */
#ifndef AUTHD_KRB_AWAIT_H
#define AUTHD_KRB_AWAIT_H

#include <stdint.h>

#include "authd/krb/heimdal.h"

#define AWAITS_MAX    1024u
#define AWAIT_LIFE_MS 30000u

struct outcome;
struct awaits;

struct awaits *awaits_new(void);
void awaits_drop(struct awaits *);

/* Takes both over; the oldest goes when there are too many.  Returns the id, never 0. */
uint64_t await_add(struct awaits *, uint64_t now_ms, struct exchange *, struct outcome *);
/* Gives both back, once.  STATUS_INVALID_PARAMETER if there is none of that id, or no longer. */
nt await_take(struct awaits *, uint64_t id, uint64_t now_ms, struct exchange **ret_exchange,
	      struct outcome **ret_outcome) MUST_USE;
void outcome_drop(struct outcome *);

#endif
