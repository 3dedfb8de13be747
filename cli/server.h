/*
 * server.h - where the instance is, and how to get an answer from it: its
 * directories are asked of the broker (which alone reads configurations), and
 * a private broker stands in where accounts are kept without a running server.
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include <limits.h>

#include "cli/api.h"
#include "cli/child.h"
#include "cli/cli.h"

struct server {
	struct api *api;
	char runtime[PATH_MAX];	/* where it was reached */
	struct child child;	/* the private broker; pid 0: none was needed */
};

/* What cmd->needs.  EXIT_OK, or after a message the exit code. */
int server_reach(struct server *, const struct cli *);
void server_leave(struct server *);

/* Path of a program beside this one; buf of n bytes.  NULL: too long. */
const char *sibling_path(const char *program, char *buf, size_t n);
/* Replaces this process by bulkhead-broker with these arguments (NULL at the end). */
int broker_exec(const char *const *args);

#endif
