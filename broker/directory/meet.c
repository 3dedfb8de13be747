/*
 * meet.c - introduces two processes to each other.
 *
 * By ZeroMQ: the side that binds is told whom to expect, then the other to
 * connect; when its greeting has been answered, shared memory follows where
 * the tree says so.  By channel: both get one end of a socket pair.  Failures
 * of living processes are tried again.  Who meets whom is in meet_who.c.
 */
#include "broker/directory/meet.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/msg/link.msg.h"

#define AGAIN_MS 250u
#define LATE_MS	 1000u /* a storage that does not answer holds up a logon this long */

static void meet_go(struct meet *);

/* ---- progress ---- */

static void
meet_free(struct meet *m)
{
	struct meet **at = &m->me->meets;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	loop_timer_clear(&m->again);
	loop_timer_clear(&m->patience);
	free(m);
}

static void
meet_finished(struct meet *m)
{
	struct directory *me = m->me;
	struct peer *from    = peer_find(me, m->from);
	struct peer *to	     = peer_find(me, m->to);

	m->step = MEET_DONE;
	loop_timer_clear(&m->patience);
	if (from && tree[from->row].flags & TREE_MANY)
		worker_met(me, from);
	if (to && tree[to->row].flags & TREE_MANY)
		worker_met(me, to);
	if (from && to && from->row == ROW_STORE && to->storage[0])
		meet_everybody(me, to);
	needs_check(me);
	ready_check(me);
}

static void
meet_again(void *ctx)
{
	struct meet *m = ctx;

	m->step	  = m->first;
	m->failed = false;
	m->why	  = STATUS_SUCCESS;
	meet_go(m);
}

static bool
meet_shares(const struct meet *m)
{
	const struct peer *from = peer_find(m->me, m->from);
	const struct peer *to	= peer_find(m->me, m->to);

	return from && to && !peer_is_afar(from) && !peer_is_afar(to) &&
	       (tree_arena(from->row, to->row) || tree_arena(to->row, from->row));
}

static void
meet_advance(struct meet *m)
{
	if (m->step == MEET_EXPECT)
		m->step = MEET_CONNECT;
	else if (m->step == MEET_CONNECT && meet_shares(m))
		m->step = MEET_ARENA;
	else if (m->step == MEET_ARENA)
		m->step = MEET_RING;
	else
		m->step = MEET_DONE;
}

/* Memory that only one end holds would corrupt data: the connecting process starts afresh. */
static void
meet_torn(struct meet *m)
{
	struct peer *from = peer_find(m->me, m->from);

	log_error("shared memory could not be introduced peer=%llu", (unsigned long long)m->from);
	if (from)
		peer_kill(m->me, from);
	meet_free(m);
}

/* Which step of which introduction, and why: nothing else would tell who is missing. */
static void
meet_log(const struct meet *m)
{
	static const char *const names[] = { "expect", "connect", "arena", "ring", "channel", "done" };
	const struct peer *from = peer_find(m->me, m->from), *to = peer_find(m->me, m->to);

	log_warn("introduction failed from=%s:%llu to=%s:%llu step=%s status=%s",
		 from ? peer_role_name(tree[from->row].role) : "", (unsigned long long)m->from,
		 to ? peer_role_name(tree[to->row].role) : "", (unsigned long long)m->to,
		 names[m->step], nt_ok(m->why) ? "not asked" : nt_name(m->why));
}

/* All answers of this step are there. */
static void
meet_stepped(struct meet *m)
{
	if (m->gone) {
		meet_free(m);
	} else if (m->failed && m->step >= MEET_ARENA && m->step <= MEET_RING) {
		meet_torn(m);
	} else if (m->failed) {
		meet_log(m);
		loop_timer_set(m->me->loop, &m->again, AGAIN_MS, meet_again, m);
	} else {
		meet_advance(m);
		if (m->step == MEET_DONE)
			meet_finished(m);
		else
			meet_go(m);
	}
}

void
meet_answer(struct meet *m, nt status)
{
	if (!m->failed)
		m->why = status;
	m->failed = m->failed || nt_failed(status);
	if (--m->waiting == 0)
		meet_stepped(m);
}

static void
meet_go(struct meet *m)
{
	struct peer *from = peer_find(m->me, m->from);
	struct peer *to	  = peer_find(m->me, m->to);

	m->waiting = 1; /* ours, so that no answer ends the step before all is asked */
	if (from && to && from->link && to->link)
		meet_step(m, from, to);
	else
		m->failed = true;
	meet_answer(m, STATUS_SUCCESS);
}

/* ---- the first step ---- */

static void
meet_late(void *ctx)
{
	struct meet *m	  = ctx;
	struct peer *from = peer_find(m->me, m->from);

	m->late = true;
	if (from)
		worker_met(m->me, from);
	ready_check(m->me);
}

void
meet_begin(struct directory *me, const struct peer *from, const struct peer *to,
	   enum meet_step first)
{
	struct meet *m = xcalloc(1, sizeof *m);

	*m	  = (struct meet){ .next  = me->meets,
				   .me	  = me,
				   .from  = from->id,
				   .to	  = to->id,
				   .first = first,
				   .step  = first,
				   .storage = to->storage[0] != '\0' };
	me->meets = m;
	if (m->storage)
		loop_timer_set(me->loop, &m->patience, LATE_MS, meet_late, m);
	meet_go(m);
}

/* ---- deaths ---- */

static void
gone_said(void *ctx, nt status, const struct link_gone_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
gone_tell(struct directory *me, uint64_t to, uint64_t dead)
{
	const struct link_gone_req req = { .peer = dead };
	struct peer *p		       = peer_find(me, to);

	if (p && p->link && nt_failed(link_gone_call(p->link, &req, NULL, gone_said, NULL)))
		peer_kill(me, p);
}

/* The other end learns it from the greeting: ipc/introduce.c.  No logon waits for it. */
void
meet_lost(struct directory *me, const struct peer *p, uint64_t other)
{
	const struct peer *o = peer_find(me, other);
	struct meet *m	     = me->meets;

	while (m && (m->gone || m->step != MEET_DONE ||
		     !((m->from == p->id && m->to == other) || (m->to == p->id && m->from == other))))
		m = m->next;
	if (!m || !o || !(peer_is_afar(o) || peer_is_afar(p)))
		return;
	if (m->to == p->id)
		gone_tell(me, other, p->id); /* who connects has to begin */
	m->step = m->first;
	m->late = true;
	loop_timer_set(me->loop, &m->again, AGAIN_MS, meet_again, m);
}

/* Everybody who had been introduced to it hears of it. */
void
meet_gone(struct directory *me, uint64_t id)
{
	struct meet *m, *next;

	for (m = me->meets; m; m = next) {
		next = m->next;
		if (m->gone || (m->from != id && m->to != id))
			continue;
		gone_tell(me, m->from == id ? m->to : m->from, id);
		m->gone = true;
		if (m->waiting == 0)
			meet_free(m);
	}
}
