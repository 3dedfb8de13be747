/* fsd.c - the tables of the process, made and dropped together. */
#include "fsd/fsd.h"

#include <sys/resource.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "fsd/dirindex.h"
#include "fsd/file.h"
#include "fsd/grant.h"
#include "fsd/lease.h"
#include "fsd/notify.h"
#include "fsd/peer.h"
#include "fsd/pool.h"

#define GRANTS_MAX 65536u

/* Opens below the descriptor limit, with a reserve: TOO_MANY_OPENED_FILES, never EMFILE. */
static uint32_t
opens_limit(uint32_t wanted)
{
	struct rlimit r = { 0 };
	uint32_t max    = wanted ? wanted : FSD_OPENS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < (rlim_t)max + FSD_FDS_RESERVE)
		max = r.rlim_cur > 2 * FSD_FDS_RESERVE ? (uint32_t)r.rlim_cur - FSD_FDS_RESERVE
						       : FSD_FDS_RESERVE;
	return max;
}

void
fsd_init(struct fsd *me, struct loop *loop, uint32_t threads, uint32_t max_opens)
{
	me->loop      = loop;
	me->max_opens = opens_limit(max_opens);
	me->grants    = grants_new(GRANTS_MAX);
	me->trees     = table_new(FSD_TREES_MAX);
	me->handles   = table_new(me->max_opens);
	me->files     = files_new();
	me->leases    = leases_new();
	me->index     = dirindex_new(FSD_NAMES_MAX);
	me->notifies  = notifies_new(me);
	me->pool      = pool_new(me, loop, threads);
	random_bytes(me->resume_secret, sizeof me->resume_secret);
}

void
fsd_clear(struct fsd *me)
{
	pool_drop(me->pool);
	notifies_drop(me->notifies);
	dirindex_drop(me->index);
	leases_drop(me->leases);
	files_drop(me->files);
	table_drop(me->handles);
	table_drop(me->trees);
	grants_drop(me->grants);
	shares_drop(&me->shares);
}

/* What was to be deleted is. */
void
fsd_stop(struct fsd *me)
{
	for (struct link *l = node_next(me->node, NULL); l; l = node_next(me->node, l))
		if (link_role(l) == PEER_WORKER)
			peer_gone(me, l);
	loop_stop(me->loop, 0);
}
