/*
 * replay.h - which authenticators came already.  The library keeps no such
 * cache.  It is a file of fixed size, mapped before the walls, so that it
 * outlives this process: a restart does not let old ones in again.
 *
 * Not on disk in any order: after the machine's sudden end some may be
 * forgotten.  [RFC4120] 3.2.3
 */
#ifndef AUTHD_KRB_REPLAY_H
#define AUTHD_KRB_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"

struct replay;

/* path NULL, or a file that cannot be had (that is logged): in memory only. */
struct replay *replay_open(const char *path);
void replay_drop(struct replay *);

/*
 * True, and remembered for keep_s, if this authenticator is new.  Each client has its place
 * among others by chance; who logs on oftener than REPLAY_WAYS times in keep_s pushes out
 * its own oldest, never those of most others.
 */
#define REPLAY_WAYS 1024u
bool replay_is_new(struct replay *, const char *client, struct span authenticator, uint64_t now_s,
		   uint32_t keep_s);

#endif
