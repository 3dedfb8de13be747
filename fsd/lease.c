/* lease.c - the table of leases, and how one is broken.  See lease.h. */
#include "fsd/lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/oplock.h"
#include "fsd/park.h"
#include "proto/smb2/const.h"

#define LEASE_BUCKETS 4096u
#define LEASE_WH      (SMB2_LEASE_WRITE_CACHING | SMB2_LEASE_HANDLE_CACHING)

/* No more than there are opens.  Clients choose what is hashed, but not the secret. */
struct leases {
	uint64_t secret[2];
	struct lease *buckets[LEASE_BUCKETS];
};

struct leases *
leases_new(void)
{
	struct leases *all = xcalloc(1, sizeof *all);

	random_bytes(all->secret, sizeof all->secret);
	return all;
}

/* Its opens have closed. */
void
leases_drop(struct leases *all)
{
	free(all);
}

static bool
id_is(const struct id16 *a, const struct id16 *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static struct lease **
slot(struct leases *all, const struct id16 *client, const struct id16 *key)
{
	uint64_t w[4], h = all->secret[0];
	struct lease **at;

	memcpy(w, client->b, sizeof client->b);
	memcpy(w + 2, key->b, sizeof key->b);
	for (size_t i = 0; i < NELEM(w); i++) {
		h = (h ^ w[i]) * (all->secret[1] | 1);
		h ^= h >> 29;
	}
	at = &all->buckets[h >> 40 & (LEASE_BUCKETS - 1)];
	while (*at && !(id_is(&(*at)->key, key) && id_is(&(*at)->client, client)))
		at = &(*at)->next;
	return at;
}

struct lease *
lease_find(struct leases *all, const struct id16 *client, const struct id16 *key)
{
	return *slot(all, client, key);
}

static struct lease *
lease_wanted(struct fsd *me, const struct fsd_open_req *req)
{
	if (req->oplock != SMB2_OPLOCK_LEVEL_LEASE)
		return NULL;
	return lease_find(me->leases, &req->client_guid, &req->lease_key);
}

/* 3.3.5.9.8: the key of a file that is being deleted may be meant for its successor. */
nt
lease_check_key(struct fsd *me, const struct fsd_open_req *req, const struct file *f)
{
	const struct lease *l = lease_wanted(me, req);

	REQUIRE(!l || l->file == f || l->file->doomed, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

struct lease *
lease_of_request(struct fsd *me, const struct fsd_open_req *req, const struct file *f)
{
	struct lease *l = lease_wanted(me, req);

	return l && l->file == f ? l : NULL;
}

/* ---- its opens ---- */

static struct lease *
lease_new(struct fsd *me, struct file *f, const struct fsd_open_req *req)
{
	struct lease **at = slot(me->leases, &req->client_guid, &req->lease_key);
	struct lease *l;

	if (*at)	/* of a file that is doomed: this open gets none */
		return NULL;
	l          = xcalloc(1, sizeof *l);
	l->client  = req->client_guid;
	l->key     = req->lease_key;
	l->fsd     = me;
	l->file    = f;
	l->version = req->flags & FSD_OPEN_LEASE_V2 ? 2 : 1;
	l->epoch   = l->version == 2 ? (uint16_t)(req->lease_epoch + 1) : 0;
	*at        = l;
	return l;
}

struct lease *
lease_join(struct handle *h, const struct fsd_open_req *req)
{
	struct lease *l = lease_of_request(h->fsd, req, h->file);

	if (!l)
		l = lease_new(h->fsd, h->file, req);
	if (!l)
		return NULL;
	h->lease      = l;
	h->lease_next = l->opens;
	l->opens      = h;
	h->file->leased++;
	return l;
}

void
lease_leave(struct handle *h)
{
	struct lease *l    = h->lease, **at;
	struct handle **in = &l->opens;

	while (*in != h)
		in = &(*in)->lease_next;
	*in      = h->lease_next;
	h->lease = NULL;
	l->file->leased--;
	if (l->opens)
		return;
	loop_timer_clear(&l->timer);
	at = slot(l->fsd->leases, &l->client, &l->key);
	ENSURE(*at == l);
	*at = l->next;
	free(l);
}

bool
lease_is_of(const struct lease *l, const struct peer *p)
{
	for (const struct handle *h = l->opens; h; h = h->lease_next)
		if (h->peer == p)
			return true;
	return false;
}

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
epoch_next(struct lease *l)
{
	if (l->version == 2)
		l->epoch++;
}

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
	epoch_next(l);
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

/*
 * A new one gets what part of its wish can be had.  Later ones raise it to all that they ask for or
 * leave it as it is; they never lower it.
 */
void
lease_grant(struct lease *l, uint32_t asked, uint32_t can)
{
	bool is_new = l->opens->lease_next == NULL;

	if (is_new)
		l->state = can;
	if (is_new || l->breaking || can != asked || can == l->state || (l->state & ~can))
		return;
	epoch_next(l);
	l->state = can;
}
