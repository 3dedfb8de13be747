/*
 * way.h - how a local file gets to the session process that is to read or write it: as its
 * descriptor (pass.h), or, on another machine, by orders that we carry out (ferry.h).
 */
#ifndef CLI_WAY_H
#define CLI_WAY_H

#include "cli/cli.h"
#include <jansson.h>

/* For the question of that number, request; fd stays the caller's.  False: *ret_why says why. */
bool way_lend(struct cli *, uint64_t job, int fd, json_t *request, const char **ret_why);
/* It has been answered. */
void way_end(struct cli *, uint64_t job);
/* All have: nothing waits for the next. */
void way_rest(struct cli *);
/* Bytes that went by; 0: only the session process knows. */
uint64_t way_moved(const struct cli *, uint64_t job);
/* What was wrong with the local file, before way_end(); NULL: nothing that we know. */
const char *way_error(const struct cli *, uint64_t job);

#endif
