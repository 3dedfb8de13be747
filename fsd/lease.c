/* lease.c - the table of leases, and what is granted.  How one is broken: lease_break.c */
#include "fsd/lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "proto/smb2/const.h"

#define LEASE_BUCKETS 4096u

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

/* ---- granting ---- */

void
lease_changes(struct lease *l)
{
	if (l->version == 2)
		l->epoch++;
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
	lease_changes(l);
	l->state = can;
}
