/*
 * wants.h - who waits for a worker; between workers.c and wants.c.
 */
#ifndef BROKER_WANTS_H
#define BROKER_WANTS_H

#include "broker/directory/directory.h"

/* A dir_worker_get or dir_session_get that waits.  index names the process, born or not. */
struct want {
	struct want *next;
	struct call *call;
	enum tree_row_no row;
	uint32_t index;
	uint64_t tag;
	char name[NAME_BOUND + 1];
};

/* Somebody waits for the same one already; or NULL. */
const struct want *want_find(const struct directory *, enum tree_row_no, uint64_t tag,
    const char *identity);
/* Keeps the call. */
void want_add(struct directory *, struct call *, enum tree_row_no, uint32_t index, uint64_t tag,
    const char *name);
bool worker_wanted(const struct directory *, uint32_t index);
/* call: kept.  p is on its way to whoever asked, and not to be retired meanwhile. */
void promise(struct directory *, struct peer *, struct call *call);
/* All who wait for this worker get it, or without one the status. */
void wants_settle(struct directory *, uint32_t index, struct peer *, nt status);

#endif
