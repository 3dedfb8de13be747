/*
 * throttle.h - how long the answer to a logon waits, and who is locked out.
 *
 * Failures are counted by account, by address, and by the two together, in
 * bounded tables that forget the oldest and outlive this process.  The first
 * two failures cost nothing, then the delay doubles up to five seconds; ten
 * quiet minutes forget it.
 *
 * Who waits for what, and why no attacker locks an honest user out:
 *  - a failure waits for the worst of the three counters, so an account under
 *    attack from many addresses answers wrong guesses slowly everywhere;
 *  - a success waits only for its address and its pair: whoever attacks alice
 *    from elsewhere does not slow alice down;
 *  - answers of one pair go out one after the other, never several at once:
 *    opening many connections gains an attacker nothing;
 *  - locked out, for ten minutes, is a pair after 20 failures and an address
 *    after 500 (`lockout ...` in the configuration), never an account: that
 *    would be the attacker's to decide.
 * The verdict is made at once and only its announcement waits, so that what is
 * held is small and nothing ever blocks.
 */
#ifndef AUTHD_STORE_THROTTLE_H
#define AUTHD_STORE_THROTTLE_H

#include "authd/store/db.h"
#include "ipc/types.h"

#define THROTTLE_CAP_MS	      5000u
/* What holds before throttle_configure(). */
#define THROTTLE_LOCK_MS      (10u * 60 * 1000)
#define THROTTLE_PAIR_LOCK    20u
#define THROTTLE_ADDRESS_LOCK 500u

struct throttle;

/* Failures that lock out a pair, an address (0: never), for how long; quiet that forgets them. */
struct throttle_rules {
	uint32_t pair, address;
	uint32_t lock_ms, window_ms;
};

/* One lock-out. */
struct throttle_lock {
	uint64_t index;
	const char *name; /* folded; NULL: every account from there */
	struct net_addr client;
	uint32_t failures;
	uint64_t left_ms;
};

struct throttle_result {
	uint64_t wait_ms;
	bool ok;	 /* what the client is told */
	const char *why; /* ok was taken back: the reason, for the log; else NULL */
	bool locks;	 /* this failure locked somebody out: worth an audit record */
};

/*
 * entries: bound of each of the three tables.  db: where counters are kept, or
 * NULL; borrowed.  Times in it are those of the clock that now_ms comes from,
 * so it is good for one boot.
 */
struct throttle *throttle_new(uint32_t entries, struct db *db);
void throttle_drop(struct throttle *);
void throttle_configure(struct throttle *, const struct throttle_rules *);

/*
 * Counts this outcome.  name: folded; whether such an account exists plays no
 * part.  now_ms: a clock that only goes forward.
 */
struct throttle_result throttle_outcome(struct throttle *, const char *name,
					const struct net_addr *, uint64_t now_ms, bool ok);

/*
 * Why a logon of this name from there would not be heard now, however right; NULL: it would.
 * Counts nothing: for who has to ask another machine, where a guess has a price.
 */
const char *throttle_refusal(struct throttle *, const char *name, const struct net_addr *,
			     uint64_t now_ms) MUST_USE;

/* One counter for both?  A customer with IPv6 has a /64. */
bool throttle_same_host(const struct net_addr *, const struct net_addr *) MUST_USE;

/* The lock-out with the least index above after; false: there is none. */
bool throttle_next(struct throttle *, uint64_t after, uint64_t now_ms, struct throttle_lock *ret);
/*
 * Ends the lock-outs of this account (folded name; NULL: of none) and of this address (NULL: of none),
 * and forgets the account's failures.  How many there were.
 */
uint32_t throttle_unlock(struct throttle *, const char *name, const struct net_addr *,
			 uint64_t now_ms);

/* What the nth failure in a row costs, ms. */
uint32_t throttle_cost(uint32_t failures);

#endif
