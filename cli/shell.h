/*
 * shell.h - the pieces of `bulkhead shell`: where it gets lines from, what it does
 * with one, and what completes it.  Its commands are rows of the one table.
 */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include <stdio.h>

#include "cli/client.h"

/* Runs each command of the line; stops at one that fails unless keep_going. */
int shell_line(struct cli *, const char *line, bool keep_going);
/* A prompt, with history and completion, until it is left. */
int shell_edit(struct cli *);
/* "SHARE:/path> "; buf of URL_TEXT. */
const char *shell_prompt(const struct cli *, char *buf);

/* One way to complete what stands before the cursor. */
struct candidate {
	char *name;
	char *text;		/* as it has to be typed, from the start of the last component */
	bool directory;
};
struct candidates {
	struct candidate *c;
	size_t n, cap;
	size_t typed;		/* bytes of the line, back from the cursor, that they replace */
	char quote;		/* open before the cursor */
};
void shell_complete(struct cli *, const char *before, struct candidates *ret);
void candidates_free(struct candidates *);

#endif
