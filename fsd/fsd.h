/*
 * fsd.h - all state of this process.  Private to the folder.
 *
 * Everything here belongs to the main thread; the pool's threads see only the
 * descriptor, the memory and the identity of the one task in their hands.
 */
#ifndef FSD_FSD_H
#define FSD_FSD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/table.h"
#include "fsd/creds.h"
#include "fsd/share.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/smbd.msg.h"
#include "ipc/node.h"

struct dirindex;
struct files;
struct grants;
struct leases;
struct notifies;
struct parked;
struct pool;

#define FSD_TREES_MAX   65536u
#define FSD_OPENS_MAX   16384u		/* where the configuration says nothing */
#define FSD_OPENS_SPARE 8u		/* this part of them is for others than who has the most */
#define FSD_FDS_RESERVE 512u		/* descriptors kept for roots, links, look-ups, listings */
#define FSD_NAMES_MAX   (1024u * 1024)	/* in the index of names: about 100 MiB */

struct fsd {
	struct loop *loop;
	struct node *node;
	struct shares shares;
	struct span born;		/* the part of the configuration that we began with */
	struct loop_timer outgrown;	/* another part needs another process: we end when idle */
	struct grants *grants;
	struct table *trees;		/* struct tree */
	struct table *handles;		/* struct handle */
	uint32_t max_opens;
	uint32_t last_number;		/* of an open; operators name it by that */
	struct files *files;		/* struct file, by device and inode */
	struct leases *leases;		/* struct lease, by client and key */
	struct dirindex *index;
	struct notifies *notifies;
	struct parked *parked;		/* opens that wait for an oplock break */
	uint32_t n_parked;
	struct pool *pool;
	uint64_t resume_secret[2];	/* keys SRV_REQUEST_RESUME_KEY's answers */
};

/* Tables and pool, after the configuration is read and before the filter. */
void fsd_init(struct fsd *, struct loop *, uint32_t threads, uint32_t max_opens);
void fsd_clear(struct fsd *);
/* Opens end as if their clients had gone, and the loop with them. */
void fsd_stop(struct fsd *);

#define MSG_ME struct fsd
FSD_MESSAGES(MSG_HANDLER)

extern const struct ipc_method fsd_methods[];
extern const size_t n_fsd_methods;

#endif
