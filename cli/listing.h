/*
 * listing.h - directories of a server, read to the end, sorted, walked.  An
 * entry is the JSON object that client.ls gave (ipc/msg/client.msg.h).
 */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "cli/client.h"

enum listing_order { ORDER_NAME, ORDER_TIME, ORDER_SIZE };

#define LISTING_MAX 1000000 /* of one directory; a hostile server has more for ever */
/* Was this page, by the cursor it gave, the last? */
bool listing_is_last(const json_t *cursor);
/* The names of dir that fit pattern (NULL: all), an array.  EXIT_OK or a code after a message. */
int listing_read(struct cli *, const struct place *dir, const char *pattern, json_t **ret);
void listing_sort(json_t *entries, enum listing_order, bool reverse);
/* As the options say. */
void listing_order(const struct cli *, json_t *entries);

/* Below this many directories nobody follows: a server could make them up for ever. */
#define PLACE_DEEP 128
bool place_is_deep(const struct place *);
/* A directory to go into: not one that leads elsewhere. */
bool entry_is_tree(const json_t *entry);
bool entry_is_directory(const json_t *entry);

/*
 * What an operand means where its last component may hold '*' and '?': the places
 * that fit, one by one; without such a component the place itself.  each() returns
 * an exit code; all are tried and the worst is returned.  None fits: EXIT_REFUSED.
 */
typedef int place_fn(struct cli *, const struct place *, void *ctx);
int place_each(struct cli *, const char *operand, place_fn *each, void *ctx);

/* The one entry at a place. */
int place_stat(struct cli *, const struct place *, json_t **ret);
/* cmd_mkdir.c: the directory and what is missing above it. */
int place_mkdirs(struct cli *, const struct place *);
/* Is there a directory?  No message. */
bool place_is_directory(struct cli *, const struct place *);

/* place_each() for every operand, or for where the shell stands; the worst code. */
int each_operand(struct cli *, place_fn *each, void *ctx);

#endif
