/*
 * twin.h - a daemon that has been taken over.
 *
 * A twin is the daemon's own object files plus the attacks of this folder,
 * joined by the linker (--wrap), so that the product knows nothing of tests.
 * It runs behind the very same walls: the attacks on system calls in children
 * forked just before sandbox_seal(), each of which seals itself with the same
 * table; the attacks on peers from a timer of the event loop.
 *
 * What it shall do stands in takeover.txt beside the program; what came of it
 * goes to a report file that is opened before anything else.
 */
#ifndef TESTS_TAKEOVER_TWIN_H
#define TESTS_TAKEOVER_TWIN_H

#include <stdbool.h>

#include "ipc/node.h"

/* What the runner and captured siblings have found out: as strong as an attacker can be. */
struct loot {
	char share[512];  /* a directory that is shared */
	char secret[512]; /* alice's file in it, mode 0600 */
	char state[512];  /* the state directory */
	char runtime[512];
	char user[512]; /* alice's account */
	int sibling;	/* pid of another process of the tree: the spawner */
	int port;	/* an open TCP port on 127.0.0.1 */
	/* from alice's captured worker */
	struct id16 grant;
	uint64_t tree, file, session;
	uint64_t cred; /* a handle of another script owner */
};
extern struct loot loot;

/* From this process's own traffic. */
struct own {
	struct id16 grant;
	uint64_t tree, file, session;
	bool has_grant, has_tree, has_file;
};
extern struct own own;

extern const char *twin_role; /* "worker" */
extern unsigned twin_life;    /* how many processes of this role were before */

/* One line "role pid what outcome". */
void report(const char *what, const char *outcome);

/* ---- attacks on the kernel: attack_calls.c ---- */

/* 0 if it worked, else an errno; many do not come back. */
struct call_attack {
	const char *name;
	int (*try)(void);
};
extern const struct call_attack call_attacks[];
extern const size_t n_call_attacks;

/* ---- attacks on peers: attack_links.c ---- */

/* Every attack answers once, by attack_answered(). */
struct link_attack {
	const char *name;
	enum peer_role from, to;
	bool last; /* is expected to cost the link: one in each life */
	nt (*try)(struct link *);
};
extern const struct link_attack link_attacks[];
extern const size_t n_link_attacks;

/* attack_door.c: at the scripting socket */
nt door_try(struct link *);

void attack_answered(nt status);
/* The link to the first of that role, or NULL. */
struct link *twin_peer(enum peer_role);

#endif
