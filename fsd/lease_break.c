/* lease_break.c - how a lease is broken: told, waited for, given up.  [MS-SMB2] 3.3.4.7 */
#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/lease.h"
#include "fsd/oplock.h"
#include "fsd/park.h"
#include "proto/smb2/const.h"

#define LEASE_WH (SMB2_LEASE_WRITE_CACHING | SMB2_LEASE_HANDLE_CACHING)

/* ---- telling the client ---- */

struct telling {
	struct fsd *me;
	struct worker_break_req req;
};

static void tell_over(struct handle *, const struct worker_break_req *);

/* 3.3.4.7: over any open of the lease that has a connection. */
static void
told(void *ctx, nt status, const struct worker_break_rsp *rsp, struct span data)
{
	struct telling *t = ctx;
	struct handle *h  = nt_failed(status) ? table_find(t->me->handles, t->req.file) : NULL;

	(void)rsp;
	(void)data;
	if (h && h->lease)
		tell_over(h->lease_next, &t->req);
	free(t);
}

static bool
tell_one(struct handle *h, const struct worker_break_req *req)
{
	struct telling *t;

	if (!h->peer->link)
		return false;
	t           = xcalloc(1, sizeof *t);
	*t          = (struct telling){ .me = h->fsd, .req = *req };
	t->req.file = h->id;
	if (!nt_failed(worker_break_call(h->peer->link, &t->req, NULL, told, t)))
		return true;
	free(t);
	return false;
}

static void
tell_over(struct handle *h, const struct worker_break_req *req)
{
	while (h && !tell_one(h, req))
		h = h->lease_next;
	if (!h)
		log_debug("lease break cannot be sent");
}

static void
tell(struct lease *l, uint32_t to, bool ack)
{
	struct worker_break_req req = { .is_lease = true, .lease_key = l->key,
		.lease_from = l->state, .lease_state = to, .ack_required = ack,
		.lease_epoch = l->epoch };

	tell_over(l->opens, &req);
}

/* ---- breaking ---- */

static void
settle(struct lease *l, uint32_t state)
{
	l->state    = state;
	l->breaking = false;
	l->awaited  = false;
	loop_timer_clear(&l->timer);
	park_retry(l->fsd, l->file);
}

/* No answer in time: as if the client had agreed to keep nothing. */
static void
expired(void *ctx)
{
	struct lease *l = ctx;

	log_info("lease break was not acknowledged user=%s path=%s",
	    log_qs(l->opens->who->user.s), log_qs(l->opens->path));
	settle(l, SMB2_LEASE_NONE);
}

static void
ask(struct lease *l, uint32_t to)
{
	l->asked = to;
	loop_timer_set(l->fsd->loop, &l->timer, OPLOCK_WAIT_MS, expired, l);
	tell(l, to, true);
}

bool
lease_break(struct lease *l, uint32_t keep, bool wait)
{
	keep &= l->state;
	if (l->breaking) {
		l->needed &= keep;
		l->awaited |= wait;
		return l->awaited;
	}
	if (keep == l->state)
		return false;
	lease_changes(l);
	if (l->state == SMB2_LEASE_READ_CACHING) {
		tell(l, SMB2_LEASE_NONE, false);
		l->state = SMB2_LEASE_NONE;
		return false;
	}
	l->breaking = true;
	l->awaited  = wait;
	l->needed   = keep;
	ask(l, keep);
	return wait;
}

/*
 * Others came while the client was giving up what it had been asked for.  Windows goes on in
 * steps, the last one, from R to nothing, without an answer and all under one epoch.
 */
static void
go_on(void *ctx)
{
	struct lease *l = ctx;

	if (l->state & LEASE_WH) {
		ask(l, (l->needed | SMB2_LEASE_READ_CACHING) & l->state);
		return;
	}
	tell(l, SMB2_LEASE_NONE, false);
	settle(l, SMB2_LEASE_NONE);
}

nt
lease_acknowledge(struct lease *l, uint32_t state)
{
	REQUIRE(l->breaking, STATUS_UNSUCCESSFUL);
	REQUIRE(!(state & ~l->asked), STATUS_REQUEST_NOT_ACCEPTED);
	/* What is granted at all includes R. */
	l->state = state & SMB2_LEASE_READ_CACHING ? state : SMB2_LEASE_NONE;
	l->asked = l->state;
	if (l->state & ~l->needed)	/* behind the answer to this one */
		loop_timer_set(l->fsd->loop, &l->timer, 0, go_on, l);
	else
		settle(l, l->state);
	return STATUS_SUCCESS;
}
