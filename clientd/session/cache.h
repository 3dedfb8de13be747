/*
 * cache.h - files that are asked about again and again: kept open under a Read and
 * Handle lease, so that what is known of them needs no message until the server takes
 * the lease back.  Never a Write lease: no byte that was acknowledged is only ours.
 * [MS-SMB2] 3.2.4.3.8, 3.2.5.19.2
 */
#ifndef CLIENTD_SESSION_CACHE_H
#define CLIENTD_SESSION_CACHE_H

#include "clientd/session/open.h"
#include "proto/smb2/oplock_break.h"

#define KEPT_LEASE	(SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING)
#define KEPT_OF_SESSION 32u
#define KEPT_OF_OWNER	128u
#define KEPT_CONTENT	65536u		/* of one file; larger ones are kept without */
#define KEPT_BYTES	(1024u * 1024)	/* content, of one session */
/* Uses of a path that are further apart have nothing to do with each other. */
#define RECENT_MS	10000u
/*
 * So long an answer is believed; then the server is asked once more.  Attributes and times may be set
 * without any lease being broken, a server may not see what its own machine does to a file, and who sits
 * in between can hold breaks back.
 */
#define BELIEVED_MS	1000u
/* Then it is closed: not every server (Samba 4.17) breaks a lease when another deletes the file. */
#define KEPT_IDLE_MS	1000u

/* One file.  Listed: it may answer, and a break finds it. */
struct kept {
	TAILQ_ENTRY(kept) of_client;	/* in the order of use */
	struct client *client;
	unsigned refs;
	bool listed, open;
	struct where w;
	struct smb2_fid fid;
	uint8_t key[16];	/* for this one open and never again: no epoch has to be compared */
	char *path, *upper;	/* as path_plain() makes it; upcased */
	uint64_t asked, used;	/* CLOCK_MONOTONIC ns */
	struct client_entry_row_req row;	/* without names */
	uint8_t *content;	/* NULL: not known; else row.size bytes */
};

void kept_release(struct kept *);	/* NULL is fine */
DEFINE_CLEANUP(struct kept, kept_release)

/*
 * What is known of that file, by a message or without one; the caller releases it.  NULL: ask the server
 * in the usual way, whose status counts.  content: with ->content.
 */
struct kept *cache_use(const struct where *, const char *path, bool content);

/* What this call may change is forgotten, by whatever session of the owner it is kept. */
void cache_changes(const struct job *, uint16_t msg_id, const void *req);
void cache_forget(struct client *, const char *path);
void cache_forget_session(struct session *);
/* A lease break that came over c; false if nothing was kept under that key. */
bool cache_broken(struct conn *c, const struct smb2_oplock_break_notify *);

/* cache_kept.c: the list */
char *path_plain(const char *path);	/* on fiber memory: '/' between components and nowhere else */
struct kept *kept_new(const struct where *, const char *plain);	/* held, and listed */
struct kept *kept_find(const struct where *, const char *plain);
void kept_touch(struct kept *);
void kept_drop(struct kept *);		/* not listed any more, and closed */
void kept_fit(struct kept *);		/* others go until the limits hold */
void kept_unpopular(const struct kept *);	/* cache.c: its path counts as one not used yet */

#endif
