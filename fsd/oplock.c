/* oplock.c - see oplock.h. */
#include "fsd/oplock.h"

#include "base/log.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/lease.h"
#include "fsd/park.h"
#include "fsd/sharemode.h"
#include "proto/smb2/const.h"

#define LEASE_ALL \
	(SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING | SMB2_LEASE_WRITE_CACHING)

static bool
is_exclusive(uint8_t level)
{
	return level == SMB2_OPLOCK_LEVEL_EXCLUSIVE || level == SMB2_OPLOCK_LEVEL_BATCH;
}

static void
break_sent(void *ctx, nt status, const struct worker_break_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;	/* a worker that is gone takes its opens along */
	(void)rsp;
	(void)data;
}

static void
break_send(struct handle *h, uint8_t level, bool ack)
{
	struct worker_break_req req = { .file = h->id, .level = level, .ack_required = ack };

	if (!h->peer->link ||
	    nt_failed(worker_break_call(h->peer->link, &req, NULL, break_sent, NULL)))
		log_debug("oplock break cannot be sent worker=%llu",
		    (unsigned long long)h->peer->id);
}

static void
settle(struct handle *h, uint8_t level)
{
	h->oplock      = level;
	h->breaking_to = OPLOCK_STABLE;
	loop_timer_clear(&h->break_timer);
}

/* No answer in time: the client lost its caches as if it had agreed to none. */
static void
break_expired(void *ctx)
{
	struct handle *h = ctx;

	log_info("oplock break was not acknowledged user=%s path=%s", log_qs(h->who->user.s),
	    log_qs(h->path));
	settle(h, SMB2_OPLOCK_LEVEL_NONE);
	park_retry(h->fsd, h->file);
}

/* True if h must answer before others go on. */
static bool
break_one(struct handle *h, uint8_t to)
{
	if (h->breaking_to != OPLOCK_STABLE)
		return true;
	if (!is_exclusive(h->oplock)) {
		settle(h, to);
		break_send(h, to, false);
		return false;
	}
	h->breaking_to = to;
	loop_timer_set(h->fsd->loop, &h->break_timer, OPLOCK_WAIT_MS, break_expired, h);
	break_send(h, to, true);
	return true;
}

/* Is this oplock in the way of an open, at this moment of it?  [MS-FSA] 2.1.4.12 */
static bool
is_due(const struct handle *h, enum oplock_when when, bool overwrite)
{
	switch (h->oplock) {
	case SMB2_OPLOCK_LEVEL_BATCH:
		return true;
	case SMB2_OPLOCK_LEVEL_EXCLUSIVE:
		return when == OPLOCK_AFTER_SHARING;
	case SMB2_OPLOCK_LEVEL_II:
		return when == OPLOCK_AFTER_SHARING && overwrite;
	default:
		return false;
	}
}

static bool
oplock_breaks(struct file *f, enum oplock_when when, const struct oplock_comer *who)
{
	uint8_t to = who->overwrite ? SMB2_OPLOCK_LEVEL_NONE : SMB2_OPLOCK_LEVEL_II;
	bool wait  = false;

	if (access_is_stat(who->access) && !who->overwrite)
		return false;
	for (struct handle *h = f->handles; h; h = h->file_next)
		if (is_due(h, when, who->overwrite) && break_one(h, to))
			wait = true;
	return wait;
}

/* ---- leases: each once, by the first of its opens ---- */

static struct lease *
lease_met(const struct handle *h, const struct lease *own)
{
	return h->lease && h->lease != own && h->lease->opens == h ? h->lease : NULL;
}

/* Who writes back has to be waited for; who reads or holds handles only is told. */
static bool
lease_breaks(struct file *f, const struct oplock_comer *who)
{
	uint32_t keep = who->overwrite ? SMB2_LEASE_NONE
				       : SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING;
	bool wait     = false;
	struct lease *l;

	if (f->leased == 0 || (access_is_look(who->access) && !who->overwrite))
		return false;
	for (struct handle *h = f->handles; h; h = h->file_next) {
		l = lease_met(h, who->own);
		if (l && lease_break(l, keep, (l->state & SMB2_LEASE_WRITE_CACHING) != 0))
			wait = true;
	}
	return wait;
}

bool
oplock_open_breaks(struct file *f, enum oplock_when when, const struct oplock_comer *who)
{
	bool wait = oplock_breaks(f, when, who);

	return (when == OPLOCK_AFTER_SHARING && lease_breaks(f, who)) || wait;
}

bool
oplock_handle_breaks(struct file *f, const struct lease *own)
{
	bool wait = false;
	struct lease *l;

	for (struct handle *h = f->leased ? f->handles : NULL; h; h = h->file_next) {
		l = lease_met(h, own);
		if (l && (l->state & SMB2_LEASE_HANDLE_CACHING) &&
		    lease_break(l, ~SMB2_LEASE_HANDLE_CACHING, true))
			wait = true;
	}
	return wait;
}

void
oplock_change_breaks(struct handle *by)
{
	struct lease *l;

	for (struct handle *h = by->file->handles; h; h = h->file_next) {
		l = lease_met(h, by->lease);
		if (l)
			(void)lease_break(l, SMB2_LEASE_NONE, false);
		else if (h->oplock == SMB2_OPLOCK_LEVEL_II)
			(void)break_one(h, SMB2_OPLOCK_LEVEL_NONE);
	}
}

/* ---- granting ---- */

static bool
caches(const struct handle *h)
{
	return h->lease ? h->lease->state != SMB2_LEASE_NONE
			: h->oplock != SMB2_OPLOCK_LEVEL_NONE;
}

/* Opens of the same lease are one holder. */
static bool
is_other(const struct handle *h, const struct handle *me)
{
	return h != me && !(h->lease && h->lease == me->lease);
}

/* Opens that only look at attributes do not count as company, unless they cache. */
static bool
is_alone(const struct handle *me)
{
	for (const struct handle *h = me->file->handles; h; h = h->file_next)
		if (is_other(h, me) && (!access_is_stat(h->access) || caches(h)))
			return false;
	return true;
}

static bool
has_company(const struct handle *me)
{
	return me->file->handles != me || me->file_next != NULL;
}

/* Level II beside others holds only if nobody may change data without telling. */
static bool
may_share_caches(const struct handle *me)
{
	for (const struct handle *h = me->file->handles; h; h = h->file_next) {
		if (h != me && !access_is_stat(h->access) && is_exclusive(h->oplock))
			return false;
		/* 2.1.5.18.1: beside one who caches handles there is no level II. */
		if (h->lease && (h->lease->state & (SMB2_LEASE_HANDLE_CACHING |
						       SMB2_LEASE_WRITE_CACHING)))
			return false;
	}
	return me->file->locks == NULL;
}

static uint8_t
level_of(const struct handle *h, uint8_t asked, bool only_looks)
{
	/* Who only looks at attributes may cache alone, not in company. */
	if (h->is_dir || h->file->doomed || (only_looks && has_company(h)))
		return SMB2_OPLOCK_LEVEL_NONE;
	if (is_exclusive(asked) && is_alone(h))
		return asked;
	if ((is_exclusive(asked) || asked == SMB2_OPLOCK_LEVEL_II) && may_share_caches(h))
		return SMB2_OPLOCK_LEVEL_II;
	return SMB2_OPLOCK_LEVEL_NONE;
}

/* 2.1.5.18.1: beside a level II oplock nobody caches handles. */
static bool
has_level_ii(const struct file *f)
{
	for (const struct handle *h = f->handles; h; h = h->file_next)
		if (!h->lease && h->oplock != SMB2_OPLOCK_LEVEL_NONE)
			return true;
	return false;
}

/* Writing back is for one alone; nothing is cached without reading being so. */
static uint32_t
state_of(const struct handle *h, uint32_t asked)
{
	if (!(asked & SMB2_LEASE_READ_CACHING))
		return SMB2_LEASE_NONE;
	if (!is_alone(h))
		asked &= ~SMB2_LEASE_WRITE_CACHING;
	if (has_level_ii(h->file))
		asked &= ~SMB2_LEASE_HANDLE_CACHING;
	if (h->file->locks && !(asked & SMB2_LEASE_WRITE_CACHING))
		return SMB2_LEASE_NONE;
	return asked & LEASE_ALL;
}

void
oplock_grant(struct handle *h, const struct fsd_open_req *req, bool only_looks)
{
	struct lease *l;

	h->breaking_to = OPLOCK_STABLE;
	if (req->oplock != SMB2_OPLOCK_LEVEL_LEASE) {
		h->oplock = level_of(h, req->oplock, only_looks);
		return;
	}
	h->oplock = SMB2_OPLOCK_LEVEL_NONE;
	if (h->is_dir)
		return;
	l = lease_join(h, req);
	if (!l)
		return;
	h->oplock = SMB2_OPLOCK_LEVEL_LEASE;
	lease_grant(l, req->lease_state, state_of(h, req->lease_state));
}

nt
oplock_acknowledge(struct handle *h, uint8_t level)
{
	uint8_t to = h->breaking_to;

	REQUIRE(to != OPLOCK_STABLE, STATUS_INVALID_OPLOCK_PROTOCOL);
	/* 3.3.5.22.1: at most what we broke to; anything else loses it all. */
	if (level != SMB2_OPLOCK_LEVEL_NONE && level != to) {
		settle(h, SMB2_OPLOCK_LEVEL_NONE);
		park_retry(h->fsd, h->file);
		return STATUS_INVALID_OPLOCK_PROTOCOL;
	}
	settle(h, level);
	park_retry(h->fsd, h->file);
	return STATUS_SUCCESS;
}

void
oplock_end(struct handle *h)
{
	if (h->lease)
		lease_leave(h);
	settle(h, SMB2_OPLOCK_LEVEL_NONE);
}
