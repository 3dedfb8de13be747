/*
 * file.h - what scripts hold at the middle level: trees and files by numbers of
 * ours, each tied to the connection it was made on.
 */
#ifndef CLIENTD_SESSION_FILE_H
#define CLIENTD_SESSION_FILE_H

#include "clientd/session/open.h"

/* Its connection gone, it is gone. */
struct held_tree {
	struct where w;
	uint64_t id;
};

struct held_file {
	struct where w;
	uint64_t id;
	struct smb2_fid fid;
	bool leased;		/* under this key, by a context of the script's */
	uint8_t lease_key[16];
};

/* STATUS_NETWORK_NAME_DELETED, STATUS_FILE_CLOSED: unknown, or its connection is gone. */
nt held_tree_find(struct client *, uint64_t id, struct held_tree **ret) MUST_USE;
nt held_file_find(struct client *, uint64_t id, struct held_file **ret) MUST_USE;
void held_drop_all(struct client *);
/* A copy that stays valid while the fiber waits, whatever happens to the handle. */
void where_hold(const struct where *, struct where *ret);

#endif
