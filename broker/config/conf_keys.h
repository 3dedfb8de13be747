/*
 * conf_keys.h - every key there is, as a table, and how a value becomes typed.
 */
#ifndef BROKER_CONF_KEYS_H
#define BROKER_CONF_KEYS_H

#include "broker/config/conf.h"

enum conf_type {
	CONF_FLAG,
	CONF_NOT,		/* a flag that means the opposite of its field */
	CONF_NUMBER,
	CONF_SIZE,		/* bytes; K, M, G */
	CONF_SECONDS,		/* kept as milliseconds */
	CONF_MASK,		/* octal */
	CONF_CHOICE,
	CONF_NAME,		/* up to 255 bytes */
	CONF_TEXT,		/* up to 1023 bytes */
	CONF_PATH,		/* absolute */
	CONF_PATHS,
	CONF_USERS,
	CONF_HOSTS,
	CONF_ADDRESSES,
	CONF_UID_RANGE,
	CONF_ROLES,		/* FROM() bits of roles that may join */
	CONF_API_KEYS,		/* NAME KEY [ROLE], ... */
	CONF_TYPE_MAX
};

enum conf_scope { CONF_GLOBAL, CONF_SHARE };	/* share keys may stand in [global] as well */

struct conf_choice {
	const char *word;
	uint32_t value;
};

struct conf_key {
	const char *name;
	enum conf_scope scope;
	enum conf_type type;
	size_t at;			/* in struct conf_global or struct conf_share */
	const char *fallback;		/* the default, in the words of the file; NULL: none */
	uint32_t min, max;		/* CONF_NUMBER, _SIZE, _SECONDS, _MASK */
	const struct conf_choice *choices;
};

extern const struct conf_key conf_keys[];
extern const size_t conf_keys_n;

/* Case and inner spaces do not matter. */
const struct conf_key *conf_key_find(const char *name);
/* The key that was probably meant, or NULL. */
const struct conf_key *conf_key_suggest(const char *name);
/* Why a key that smb.conf knows does not exist here, or NULL. */
const char *conf_key_refusal(const char *name);

/* ---- conf_value.c ---- */
/* Sets the field in obj; false, and obj untouched, if text is not allowed. */
bool conf_value_set(const struct conf_key *, const char *text, void *obj);
/* "yes or no", "a number from 1 to 64", ... into buf. */
const char *conf_value_allowed(const struct conf_key *, char *buf, size_t cap);

void conf_words_drop(struct conf_words *);
void conf_words_copy(struct conf_words *dst, const struct conf_words *src);
/* Separated by commas or blanks, "double quotes" keep them together. */
bool conf_words_split(const char *text, struct conf_words *ret);

#endif
