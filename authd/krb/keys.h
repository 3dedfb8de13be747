/*
 * keys.h - the service's keys: those of the configured keytab, copied before
 * the walls, and those that an administrator gave, which are kept in a file of
 * our own.  Their bytes lie in memory that is wiped.
 */
#ifndef AUTHD_KRB_KEYS_H
#define AUTHD_KRB_KEYS_H

#include "base/nt.h"
#include "ipc/types.h"

#define KEYS_MAX     1024u
#define KEY_SIZE_MAX 32u

enum key_origin { KEY_OF_KEYTAB, KEY_OF_STATE };

struct key {
	char principal[NAME_BOUND + 1]; /* "cifs/host@REALM" */
	int32_t etype;
	uint32_t kvno;
	uint64_t added; /* Unix ns */
	enum key_origin origin;
	uint64_t at; /* KEY_OF_STATE: where its record stands */
	size_t n;
	uint8_t bytes[KEY_SIZE_MAX];
};

struct keys;
typedef bool key_wanted_fn(const void *ctx, int32_t etype);

/* Dies if our own file cannot be used: it is our start-up. */
struct keys *keys_open(const char *state);
/* The keys of a keytab that wanted() likes; what is wrong with it is logged.  False: none. */
bool keys_import(struct keys *, const char *path, key_wanted_fn *wanted, const void *ctx);
void keys_drop(struct keys *);

/* On disk when it returns.  STATUS_OBJECT_NAME_COLLISION for the same name, type and version. */
nt keys_add(struct keys *, const struct key *) MUST_USE;
/* Forgets number i, which must be KEY_OF_STATE; the last takes its place. */
nt keys_del(struct keys *, size_t i) MUST_USE;
size_t keys_count(const struct keys *);
const struct key *keys_at(const struct keys *, size_t i);

/* The bytes of a key of this type; 0: not a type that we use. */
size_t key_size(int32_t etype) MUST_USE;
/* "cifs/host@REALM" in parts: is the one before '@' this service, in any case? */
bool key_names(const struct key *, const char *service) MUST_USE;

#endif
