/*
 * keys_private.h - the table, for keys.c and keys_file.c alone.
 */
#ifndef AUTHD_KRB_KEYS_PRIVATE_H
#define AUTHD_KRB_KEYS_PRIVATE_H

#include "authd/krb/keys.h"

struct keys {
	int fd;
	uint64_t end; /* of the file */
	size_t count;
	struct key *v; /* KEYS_MAX, wiped memory */
};

/* ---- keys.c ---- */
/* False: there is no room, or one of this name, type and version. */
bool keys_keep(struct keys *, const struct key *);

/* ---- keys_file.c: our own file ---- */
/* Both die where it cannot be used. */
void keys_own_read(struct keys *, const char *path);
void keys_own_rewrite(struct keys *, const char *path);
/* On disk, and k knows where. */
bool keys_record_write(struct keys *, struct key *k) MUST_USE;
/* Its bytes become zeroes and its length negative. */
bool keys_record_erase(struct keys *, const struct key *) MUST_USE;

#endif
