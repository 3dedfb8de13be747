/*
 * keys.h - the CURVE keys of scripts and storages on other machines: who may
 * come, as what, and who may not any more.
 *
 * Only public keys are here, and our own pair.  Both files lie in the api's
 * state directory, which is not in its root: they are opened before the walls
 * close and kept open, the list to be appended to.
 */
#ifndef BROKER_KEYS_H
#define BROKER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

#define KEY_BYTES 32
#define KEY_TEXT  40	/* Z85 of it, RFC 32/Z85 */
#define KEY_LABEL 48	/* bytes of a name: letters, digits, '.', '_', '-', '@' */
#define KEYS_MAX  1024	/* revoked ones as well: what was revoked stays known */

enum key_role { KEY_USER, KEY_ADMIN, KEY_STORAGE };	/* as the list has them */

struct key {
	uint64_t number;	/* ours, from 1, in order of the list */
	char name[KEY_LABEL + 1];
	uint8_t public[KEY_BYTES];
	enum key_role role;
	bool revoked;
	bool configured;	/* by `api keys`; not in the list on disk */
	bool named;		/* … of the configuration that is being read */
	uint64_t added, ended;	/* Unix ns */
};

struct keys {
	int fd;			/* -1: this instance keeps none */
	struct key *v;
	size_t n;
	uint8_t secret[KEY_BYTES];	/* ours */
	char public[KEY_TEXT + 1];
};

/* state: the directory, or NULL.  Dies of a list that we did not write: it might revoke. */
void keys_open(struct keys *, const char *state);
/* Our pair alone, and an empty list that is kept nowhere. */
void keys_open_own(struct keys *, const char *state);
void keys_drop(struct keys *);

/* A name is not asked for and there may be others of it: this is somebody else's list. */
nt keys_learn(struct keys *, const char *name, const uint8_t public[KEY_BYTES], bool good) MUST_USE;
const char *key_role_name(enum key_role);

bool key_name_allowed(const char *);
/* Z85 to bytes; false if it is none. */
bool key_read(const char *text, uint8_t ret[KEY_BYTES]) MUST_USE;
const char *key_print(const uint8_t key[KEY_BYTES], char buf[KEY_TEXT + 1]);

/* Revoked ones too; NULL: never heard of. */
const struct key *keys_find(const struct keys *, uint64_t number);
const struct key *keys_find_public(const struct keys *, const uint8_t public[KEY_BYTES]);
/* Not revoked. */
const struct key *keys_find_name(const struct keys *, const char *name);

/* On disk when they succeed. */
nt keys_add(struct keys *, const char *name, const uint8_t public[KEY_BYTES], enum key_role) MUST_USE;
nt keys_revoke(struct keys *, const char *name) MUST_USE;

/* ---- keys_conf.c: those of the configuration, which is read again at every reload ---- */
void keys_conf_begin(struct keys *);
/* What speaks against it is logged: a key of the list on disk, above all a revoked one, stays what it is there. */
void keys_conf_add(struct keys *, const char *name, const char *public, enum key_role);
/* Those that are no more in it may not come any more; ended is called for each of them. */
void keys_conf_end(struct keys *, void (*ended)(void *ctx, const struct key *), void *ctx);

/* keys.c, for keys_conf.c: into the table, not into the list. */
nt key_enter(struct keys *, const char *name, const uint8_t public[KEY_BYTES],
	     enum key_role role, uint64_t when) MUST_USE;

#endif
