/*
 * ferry.h - local files for a session process on another machine, which no descriptor reaches:
 * it gives orders (client.local), we carry them out.  What is lent stays ours: orders are about
 * that descriptor, of at most FERRY_MOST bytes each, and end with the transfer.
 */
#ifndef CLI_FERRY_H
#define CLI_FERRY_H

#include "cli/api.h"

#define FERRY_TOKEN 33	/* hexadecimal digits and the NUL */
#define FERRY_MOST  (1024u * 1024)

/* fd stays the caller's.  job names it in orders.  False: *ret_why says why. */
bool ferry_lend(struct api *, uint64_t job, int fd, const char **ret_why);
/* No more of it; nothing if there was none. */
void ferry_end(struct api *, uint64_t job);
/* What goes into the transfer's question: {"ferry", "pipe", "job"}. */
bool ferry_request(struct api *, uint64_t job, json_t *request);
/* Nothing is lent: nor do calls wait at the server any more. */
void ferry_rest(struct api *);
/* Bytes that went either way. */
uint64_t ferry_moved(const struct api *, uint64_t job);
/* The errno of an order that could not be carried out; 0: all could. */
int ferry_error(const struct api *, uint64_t job);

#endif
