/*
 * pdbedit.c - reads what Samba prints, no more: the flags say whether it is a
 * person's enabled account, the fourth field is its NT hash.
 */
#include "cli/pdbedit.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define HASH_DIGITS 32

/* The field up to the next ':' and the rest after it; NULL if there is no ':'. */
static const char *
field(const char *s, size_t *ret_n)
{
	const char *colon = strchr(s, ':');

	if (!colon)
		return NULL;
	*ret_n = (size_t)(colon - s);
	return colon + 1;
}

static bool
is_hash(const char *s)
{
	for (int i = 0; i < HASH_DIGITS; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return false;
	}
	return true;
}

static enum pdbedit_kind
kind_of(const char *flags, size_t n)
{
	if (n < 2 || flags[0] != '[' || flags[n - 1] != ']')
		return PDBEDIT_MALFORMED;
	if (memchr(flags, 'W', n) || memchr(flags, 'S', n) || memchr(flags, 'I', n))
		return PDBEDIT_MACHINE;
	if (memchr(flags, 'D', n) || memchr(flags, 'N', n) || !memchr(flags, 'U', n))
		return PDBEDIT_DISABLED;
	return PDBEDIT_ACCOUNT;
}

enum pdbedit_kind
pdbedit_parse(const char *line, struct pdbedit_entry *ret)
{
	const char *at[6];
	size_t n[6];
	enum pdbedit_kind kind;

	line += strspn(line, " \t");
	if (line[strspn(line, "\r\n")] == '\0' || line[0] == '#')
		return PDBEDIT_NOTHING;
	for (int i = 0; i < 6; i++) {
		at[i] = line;
		line  = field(line, &n[i]);
		if (!line)
			return PDBEDIT_MALFORMED;
	}
	if (n[0] == 0 || n[0] > PDBEDIT_NAME_MAX || n[2] != HASH_DIGITS || n[3] != HASH_DIGITS)
		return PDBEDIT_MALFORMED;
	*ret = (struct pdbedit_entry){ 0 };
	memcpy(ret->name, at[0], n[0]);
	kind = kind_of(at[4], n[4]);
	if (kind != PDBEDIT_ACCOUNT)
		return kind;
	if (!is_hash(at[3]))
		return PDBEDIT_DISABLED;	/* XXXX... or NO PASSWORD...: never matches */
	memcpy(ret->nt_hash, at[3], HASH_DIGITS);
	return PDBEDIT_ACCOUNT;
}
