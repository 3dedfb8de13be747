/*
 * storage.h - the fsds that a worker asks: the instance's own, and one for each
 * storage that is there.  A tree belongs to one of them, and all that is done on it.
 *
 * A struct storage is one life of one: its link, and the numbers of files that
 * mean something there.  When the link is gone its trees end, and the next life
 * is another struct; requests that still hold the old one find no link in it.
 */
#ifndef SMBD_STORAGE_H
#define SMBD_STORAGE_H

#include "ipc/msg/conf.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/node.h"
#include "smbd/idmap.h"

struct session;
struct worker;

#define STORAGE_SEATS (STORAGES_MAX + 1)	/* with our own fsd */

struct storage {
	struct link *link;	/* NULL: it is gone, and does not come back */
	char name[STORAGE_BOUND + 1];	/* "": our own fsd */
	uint8_t seat;		/* in worker->storages and conn->held */
	struct idmap files;	/* its file number -> open */
	uint32_t refs;		/* trees, requests, and one while it lives */
};

struct storage *storage_hold(struct storage *);
void storage_release(struct storage *);		/* NULL is fine */

void storage_up(struct worker *, struct link *);
/* False: that link is no storage's.  Its trees are gone, or, if no share is elsewhere, all connections. */
bool storage_down(struct worker *, struct link *);
/* Whose message this is: of a link with role PEER_FSD. */
struct storage *storage_of(const struct link *);
/* All that live: start with NULL. */
struct storage *storage_next(const struct worker *, const struct storage *);

/*
 * What clients are told of rows of several fsds: one number for fsd's own, below FSD_NUMBERS, and whose
 * it is.  storage_seated() is whose, NULL if it has gone; storage_after() the next that lives.
 */
static inline uint32_t
storage_number(uint8_t seat, uint32_t number)
{
	return seat * FSD_NUMBERS + number % FSD_NUMBERS;
}
struct storage *storage_seated(const struct worker *, uint32_t number);
struct storage *storage_after(const struct worker *, uint32_t number);

/* STATUS_BAD_NETWORK_NAME: nobody has it.  STATUS_SHARE_UNAVAILABLE: where it is, is not there now. */
nt storage_of_share(struct worker *, const char *share, struct storage **ret) MUST_USE;
/* Are some shares elsewhere?  Then one storage's end is not the end of connections. */
bool storages_are_many(const struct worker *);

#endif
