/* handle.c - the table of opens, and how one ends. */
#include "fsd/handle.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/doom.h"
#include "fsd/listing.h"
#include "fsd/lock.h"
#include "fsd/lockwait.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "fsd/park.h"
#include "proto/smb2/const.h"

/* Mode, [MS-FSCC] 2.4.31: what of the create options is told again. */
#define MODE_OPTIONS                                                                      \
	(FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_INTERMEDIATE_BUFFERING |     \
	 FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE)

static void
lists_link(struct handle *h, struct tree *t, struct file *f)
{
	h->tree_next = t->handles;
	h->tree_at   = &t->handles;
	if (h->tree_next)
		h->tree_next->tree_at = &h->tree_next;
	t->handles   = h;
	h->file_next = f->handles;
	h->file_at   = &f->handles;
	if (h->file_next)
		h->file_next->file_at = &h->file_next;
	f->handles = h;
}

static void
lists_unlink(struct handle *h)
{
	*h->tree_at = h->tree_next;
	if (h->tree_next)
		h->tree_next->tree_at = h->tree_at;
	*h->file_at = h->file_next;
	if (h->file_next)
		h->file_next->file_at = h->file_at;
}

nt
handle_new(struct fsd *me, struct tree *t, struct file *f, int fd, const char *path,
    struct handle **ret)
{
	struct handle *h = xcalloc(1, sizeof *h);

	if (nt_failed(table_add(me->handles, h, &h->id))) {
		free(h);
		return STATUS_TOO_MANY_OPENED_FILES;
	}
	if (++me->last_number == FSD_NUMBERS)
		me->last_number = 1;
	h->number      = me->last_number;
	h->refs        = 1;
	h->fd          = fd;
	h->fsd         = me;
	h->tree        = t;
	h->peer        = t->peer;
	h->who         = ident_hold(t->who);
	h->file        = f;
	h->path        = xstrdup(path);
	h->breaking_to = OPLOCK_STABLE;
	lists_link(h, t, f);
	h->peer->opens++;
	*ret = h;
	return STATUS_SUCCESS;
}

nt
handle_find(struct fsd *me, struct call *c, uint64_t id, struct handle **ret)
{
	struct peer *p = peer_of(c);
	struct handle *h;

	if (id == FILE_CHAIN)
		TRY(chain_file(p, call_chain(c), &id));
	h = table_find(me->handles, id);
	REQUIRE(h && h->peer == p, STATUS_FILE_CLOSED);
	creds_become(h->who);
	*ret = h;
	return STATUS_SUCCESS;
}

nt
handle_use(struct fsd *me, struct call *c, uint64_t id, struct handle **ret)
{
	struct handle *h;

	TRY(handle_find(me, c, id, &h));
	if (h->tree->grant->expires != 0)
		TRY(grant_check_time(h->tree->grant, clock_real_ns()));
	*ret = h;
	return STATUS_SUCCESS;
}

nt
handle_find_for(struct fsd *me, struct call *c, uint64_t id, uint32_t any_of, struct handle **ret)
{
	struct handle *h;

	TRY(handle_use(me, c, id, &h));
	REQUIRE(h->access & any_of, STATUS_ACCESS_DENIED);
	*ret = h;
	return STATUS_SUCCESS;
}

struct handle *
handle_hold(struct handle *h)
{
	h->refs++;
	return h;
}

void
handle_drop(struct handle *h)
{
	if (!h || --h->refs > 0)
		return;
	close(h->fd);
	ident_drop(h->who);
	free(h->path);
	free(h);
}

static void
revoke_sent(void *ctx, nt status, const struct worker_revoke_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;	/* a worker that is gone has nothing left to be told */
	(void)rsp;
	(void)data;
}

void
handle_revoke(const struct handle *h)
{
	struct worker_revoke_req req = { .file = h->id };

	if (nt_failed(worker_revoke_call(h->peer->link, &req, NULL, revoke_sent, NULL)))
		log_debug("a revocation cannot be sent worker=%llu",
		    (unsigned long long)h->peer->id);
}

void
handle_close(struct fsd *me, struct handle *h)
{
	struct file *f = h->file;

	ENSURE(!h->closed);
	h->closed = true;
	creds_become(h->who);
	notify_handle_gone(h);
	waits_end(me, h->peer, h, STATUS_RANGE_NOT_LOCKED);
	locks_release(f, h);
	oplock_end(h);
	listing_drop(h->listing);
	if (h->delete_on_close && !nt_failed(doom_check(h)))
		doom_set(h);
	lists_unlink(h);
	h->tree = NULL;
	(void)table_remove(me->handles, h->id);
	h->peer->opens--;
	if (!f->handles && f->doomed)
		doom_execute(me, f);
	lock_waits_retry(me, f);
	park_retry(me, f);
	file_put(me->files, f);
	h->file = NULL;
	handle_drop(h);
}

/* ---- what is told about it ---- */

bool
handle_has_data(const struct handle *h)
{
	return !h->is_dir && !h->is_path;
}

bool
handle_hidden(const struct share *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	char wire[NAME_WIRE];

	name_to_wire(slash ? slash + 1 : path, wire);
	return share_hides(s, wire);
}

void
handle_stat_of(const struct handle *h, const struct look *l, struct fscc_stat *ret)
{
	stat_fill(l, handle_hidden(h->tree->share, h->path), ret);
	if (!h->is_dir && ret->allocation_size < h->file->alloc_hint)
		ret->allocation_size = clusters(h->file->alloc_hint);
	ret->delete_pending = h->file->doomed;
	if (h->file->doomed && ret->nlink > 0)
		ret->nlink--;
	ret->access   = h->access;
	ret->mode     = h->options & MODE_OPTIONS;
	ret->position = h->position;
}

nt
handle_stat(const struct handle *h, struct fscc_stat *ret)
{
	struct look l;

	TRY(look_file(h->fd, h->file, &l));
	handle_stat_of(h, &l, ret);
	return STATUS_SUCCESS;
}
