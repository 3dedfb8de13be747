/*
 * smbconf.h - an smb.conf turned into our words, line by line.
 *
 * Most keys are the same.  Here is what has another name or value and what has no
 * meaning for us; whether the rest can be used our own reader of configurations is asked
 * (cmd_import_smb_conf.c).  Not for: include files, which are named and left out.
 */
#ifndef CLI_SMBCONF_H
#define CLI_SMBCONF_H

#include <stdbool.h>
#include <stddef.h>

#define SMBCONF_LINE  4096	/* of a line with its continuations, bytes */
#define SMBCONF_LINES 20000

struct smbconf_line {
	unsigned from;		/* line of the smb.conf */
	char *text;		/* what to write: "[name]", "key = value"; owned */
	char *was;		/* as it was, trimmed; owned */
	char *why;		/* it cannot be carried over: why; owned, else NULL */
	bool quiet;		/* carried over by saying nothing: our way is the same */
	bool section;
};

struct smbconf {
	struct smbconf_line *lines;
	size_t n;
};

/* Reads f to its end.  False: *ret_why is a sentence (too long, too many lines). */
bool smbconf_read(struct smbconf *, void *file, const char **ret_why);
void smbconf_free(struct smbconf *);
/* Line i of smbconf_print's output cannot be used (i from 1); false if it is not one of a setting. */
bool smbconf_refuse(struct smbconf *, size_t i, const char *why);
/* The configuration; comments: with what was left out and why. */
void smbconf_print(const struct smbconf *, void *file, bool comments);

#endif
