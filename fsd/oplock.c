/* oplock.c - see oplock.h. */
#include "fsd/oplock.h"

#include "base/log.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/park.h"
#include "fsd/sharemode.h"
#include "proto/smb2/const.h"

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

bool
oplock_open_breaks(struct file *f, enum oplock_when when, uint32_t access, bool overwrite)
{
	uint8_t to = overwrite ? SMB2_OPLOCK_LEVEL_NONE : SMB2_OPLOCK_LEVEL_II;
	bool wait  = false;

	if (access_is_stat(access) && !overwrite)
		return false;
	for (struct handle *h = f->handles; h; h = h->file_next)
		if (is_due(h, when, overwrite) && break_one(h, to))
			wait = true;
	return wait;
}

void
oplock_change_breaks(struct file *f)
{
	for (struct handle *h = f->handles; h; h = h->file_next)
		if (h->oplock == SMB2_OPLOCK_LEVEL_II)
			(void)break_one(h, SMB2_OPLOCK_LEVEL_NONE);
}

/* Opens that only look at attributes do not count as company, unless they cache. */
static bool
is_alone(const struct handle *me)
{
	for (const struct handle *h = me->file->handles; h; h = h->file_next)
		if (h != me &&
		    (!access_is_stat(h->access) || h->oplock != SMB2_OPLOCK_LEVEL_NONE))
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
	for (const struct handle *h = me->file->handles; h; h = h->file_next)
		if (h != me && !access_is_stat(h->access) && is_exclusive(h->oplock))
			return false;
	return me->file->locks == NULL;
}

uint8_t
oplock_grant(struct handle *h, uint8_t asked, bool only_looks)
{
	uint8_t level = SMB2_OPLOCK_LEVEL_NONE;

	/* Who only looks at attributes may cache alone, not in company. */
	if (h->is_dir || h->file->doomed || (only_looks && has_company(h)))
		level = SMB2_OPLOCK_LEVEL_NONE;
	else if (is_exclusive(asked) && is_alone(h))
		level = asked;
	else if ((is_exclusive(asked) || asked == SMB2_OPLOCK_LEVEL_II) && may_share_caches(h))
		level = SMB2_OPLOCK_LEVEL_II;
	settle(h, level);
	return level;
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
	settle(h, SMB2_OPLOCK_LEVEL_NONE);
}
