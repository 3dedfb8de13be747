/*
 * password.h - where a password comes from, in this order: --password-stdin,
 * --password-file, BULKHEAD_PASSWORD, a prompt.  Never from the command line.
 */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"

#define PASSWORD_MAX 1024	/* bytes; SECRET_BOUND of the messages it travels in */

/* In memory that is wiped; n bytes, no terminator counted. */
struct password {
	char *s;
	size_t n;
};

enum password_line { PASSWORD_OK, PASSWORD_EMPTY, PASSWORD_TOO_LONG, PASSWORD_HAS_NUL };

/* The first line of f, into buf of PASSWORD_MAX + 1 bytes. */
enum password_line password_read_line(FILE *f, char *buf, size_t *ret_n);

/* EXIT_OK, or after a message the exit code.  twice: a prompt asks for it again. */
int password_get(struct password *ret, const struct cli_args *, bool twice);
void password_free(struct password *);

#endif
