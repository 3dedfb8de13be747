/*
 * workers.c - which worker serves which identity, and which session process
 * which script owner.
 *
 * One for each, started when first asked for; a worker of its own for each
 * anonymous or guest connection.  It is given out when it has met all whom its
 * row of the tree names, so that what comes next cannot fail for that.  Who
 * waits for one is in wants.c.
 */
#include "broker/directory/wants.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"

#define PROMISE_NS   (10ull * 1000000000u) /* from promise to hand-over */
#define SESSIONS_MAX 64u		   /* script owners at once */

static bool
is_many(const struct peer *p)
{
	return p->row != ROW_MAX && (tree[p->row].flags & TREE_MANY) != 0;
}

/* ---- indexes: one uid each, never two at a time ---- */

void
workers_resize(struct directory *me)
{
	if (!me->index_used)
		me->index_used = xcalloc(me->max_workers / 64 + 1, sizeof *me->index_used);
}

static bool
index_is_used(const struct directory *me, uint32_t i)
{
	return (me->index_used[i / 64] >> (i % 64) & 1) != 0;
}

static void
index_set(struct directory *me, uint32_t i, bool used)
{
	if (used)
		me->index_used[i / 64] |= 1ull << (i % 64);
	else
		me->index_used[i / 64] &= ~(1ull << (i % 64));
}

static bool
index_take(struct directory *me, uint32_t *ret)
{
	for (uint32_t i = 0; i < me->max_workers; i++) {
		if (!index_is_used(me, i)) {
			index_set(me, i, true);
			*ret = i;
			return true;
		}
	}
	return false;
}

/* ---- finding one ---- */

/* 0 means "shared with nobody". */
static uint64_t
identity_tag(const char *identity, bool fresh)
{
	return fresh ? 0 : utf8_casehash(identity) | 1;
}

static struct peer *
worker_find(struct directory *me, enum tree_row_no row, uint64_t tag, const char *identity)
{
	for (struct peer *p = me->peers; p; p = p->next) {
		if (p->row == row && !p->stopping && p->tag == tag &&
		    utf8_casecmp(p->name, identity) == 0)
			return p;
	}
	return NULL;
}

bool
worker_born(const struct directory *me, uint32_t index)
{
	const struct peer *p = me->peers;

	while (p && (!is_many(p) || p->index != index))
		p = p->next;
	return p != NULL;
}

/* ---- starting one ---- */

static uint32_t
guests_count(const struct directory *me)
{
	uint32_t n = 0;

	for (const struct peer *p = me->peers; p; p = p->next)
		n += p->row == ROW_WORKER && p->tag == 0;
	for (const struct want *w = me->wants; w; w = w->next)
		n += w->row == ROW_WORKER && w->tag == 0 && !worker_born(me, w->index);
	return n;
}

static uint32_t
sessions_count(const struct directory *me)
{
	uint32_t n = 0;

	for (const struct peer *p = me->peers; p; p = p->next)
		n += p->row == ROW_SESSION;
	for (const struct want *w = me->wants; w; w = w->next)
		n += w->row == ROW_SESSION && !worker_born(me, w->index);
	return n;
}

/* Is there room for one more of this kind? */
static bool
room_for(const struct directory *me, enum tree_row_no row, uint64_t tag)
{
	if (row == ROW_SESSION)
		return sessions_count(me) < SESSIONS_MAX;
	return tag != 0 || guests_count(me) < me->max_guests;
}

/* call NULL: it is started for one who will ask in a moment. */
static nt
worker_start(struct directory *me, struct call *call, enum tree_row_no row, uint64_t tag,
	     const char *identity)
{
	struct wire_end *w = outpost_wire(me, row);
	struct wire m	   = { .kind = WIRE_SPAWN, .row = row, .tag = tag };

	REQUIRE(w, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(room_for(me, row, tag), STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(index_take(me, &m.index), STATUS_INSUFFICIENT_RESOURCES);
	if (call)
		want_add(me, call, row, m.index, tag, identity);
	need_start(me, row);
	memcpy(m.name, identity, strlen(identity));
	wire_post(w, &m, NULL, 0);
	return STATUS_PENDING;
}

static bool
worker_usable(struct directory *me, const struct peer *p)
{
	return p->serving && meet_all_done(me, p);
}

nt
worker_want(struct directory *me, struct call *call, enum tree_row_no row, const char *identity,
	    bool fresh)
{
	uint64_t tag	       = identity_tag(identity, fresh);
	struct peer *p	       = fresh ? NULL : worker_find(me, row, tag, identity);
	const struct want *old = fresh ? NULL : want_find(me, row, tag, identity);

	REQUIRE(strlen(identity) <= NAME_BOUND && !me->stopping, STATUS_INVALID_PARAMETER);
	REQUIRE(tree_runs(row, me->kind, me->wanted) != TREE_NEVER, STATUS_NOT_SUPPORTED);
	if (p && worker_usable(me, p)) {
		promise(me, p, call_keep(call));
		return STATUS_PENDING;
	}
	if (!p && !old)
		return worker_start(me, call, row, tag, identity);
	want_add(me, call, row, p ? p->index : old->index, tag, identity);
	return STATUS_PENDING;
}

/* A client's instance has one owner, who has come for this. */
void
session_foresee(struct directory *me, uint32_t uid)
{
	char owner[32];

	(void)snprintf(owner, sizeof owner, "uid:%u", uid);
	if (!worker_find(me, ROW_SESSION, identity_tag(owner, false), owner))
		(void)worker_start(me, NULL, ROW_SESSION, identity_tag(owner, false), owner).code;
}

/* ---- their lives ---- */

/* A recovered directory learns here which uids are in use. */
void
worker_taken(struct directory *me, const struct peer *p)
{
	if (p->index < me->max_workers)
		index_set(me, p->index, true);
}

void
worker_met(struct directory *me, struct peer *p)
{
	if (is_many(p) && worker_usable(me, p))
		wants_settle(me, p->index, p, STATUS_SUCCESS);
}

/* Who waited for it asks again and gets another. */
void
worker_gone(struct directory *me, const struct peer *p)
{
	if (!is_many(p) || p->index >= me->max_workers)
		return;
	index_set(me, p->index, false);
	wants_settle(me, p->index, NULL, STATUS_RETRY);
}

void
worker_failed(struct directory *me, const struct wire *m)
{
	if (m->row >= ROW_MAX || !(tree[m->row].flags & TREE_MANY) || m->index >= me->max_workers)
		return;
	index_set(me, m->index, false);
	wants_settle(me, m->index, NULL, STATUS_INSUFFICIENT_RESOURCES);
}

void
wants_fail(struct directory *me, enum tree_row_no row)
{
	struct want *w;

	for (;;) {
		for (w = me->wants; w && w->row != row; w = w->next)
			;
		if (!w)
			return;
		index_set(me, w->index, false);
		wants_settle(me, w->index, NULL, STATUS_RETRY);
	}
}

/* A worker that is, or has just been, promised to a logon is needed in a moment. */
nt
worker_retire(struct directory *me, struct peer *p)
{
	REQUIRE(is_many(p), STATUS_INVALID_PARAMETER);
	REQUIRE(loop_now(me->loop) - p->promised > PROMISE_NS || p->promised == 0, STATUS_RETRY);
	REQUIRE(!worker_wanted(me, p->index), STATUS_RETRY);
	peer_stop(me, p);
	return STATUS_SUCCESS;
}
