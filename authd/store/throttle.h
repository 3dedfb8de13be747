/*
 * throttle.h - how long the answer to a logon waits.
 *
 * Failures are counted by account, by address, and by the two together, in
 * bounded tables that forget the oldest.  The first two failures cost nothing,
 * then the delay doubles up to five seconds; ten quiet minutes forget it.
 *
 * Who waits for what:
 *  - a failure waits for the worst of the three counters, so an account under
 *    attack from many addresses answers wrong guesses slowly everywhere;
 *  - a success waits only for its address and its pair: whoever attacks alice
 *    from elsewhere does not slow alice down;
 *  - answers of one pair go out one after the other, never several at once:
 *    opening many connections gains an attacker nothing.
 * The verdict is made at once and only its announcement waits, so that what is
 * held is small and nothing ever blocks.
 */
#ifndef AUTHD_STORE_THROTTLE_H
#define AUTHD_STORE_THROTTLE_H

#include "ipc/types.h"

#define THROTTLE_CAP_MS 5000u

struct throttle;

/* entries: bound of all counters together. */
struct throttle *throttle_new(uint32_t entries);
void throttle_drop(struct throttle *);

/*
 * Counts this outcome and returns after how many ms it may be announced.
 * *ok: whether the proof was right; set to false when so many guesses of the
 * pair are waiting that this one does not count.  name: folded; whether such an
 * account exists plays no part.  now_ms: any clock that only goes forward.
 */
uint64_t throttle_outcome(struct throttle *, const char *name, const struct net_addr *,
    uint64_t now_ms, bool *ok);

/* What the nth failure in a row costs, ms. */
uint32_t throttle_cost(uint32_t failures);

#endif
