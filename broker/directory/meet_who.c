/*
 * meet_who.c - who has to meet whom, and who has met all that it needs: broker/tree.c
 * says it by rows.
 */
#include "broker/directory/meet.h"

static bool
meet_known(const struct directory *me, uint64_t a, uint64_t b)
{
	for (const struct meet *m = me->meets; m; m = m->next) {
		if (!m->gone && ((m->from == a && m->to == b) || (m->from == b && m->to == a)))
			return true;
	}
	return false;
}

/* How these two meet: MEET_DONE if not at all. */
static enum meet_step
meet_way(enum tree_row_no from, enum tree_row_no to)
{
	if (from == ROW_MAX || to == ROW_MAX)
		return MEET_DONE;
	if (tree_connects(from, to))
		return MEET_EXPECT;
	return tree_channel(from, to) ? MEET_CHANNEL : MEET_DONE;
}

/* A worker that asks a storage which has no grants yet would be told that its session is over. */
static bool
meet_too_early(struct directory *me, const struct peer *from, const struct peer *to)
{
	const struct peer *store = peer_row(me, ROW_STORE);

	if (from->row != ROW_WORKER || !to->storage[0])
		return false;
	for (const struct meet *m = me->meets; m && store; m = m->next) {
		if (m->from == store->id && m->to == to->id && m->step == MEET_DONE && !m->gone)
			return false;
	}
	return true;
}

void
meet_everybody(struct directory *me, struct peer *p)
{
	for (struct peer *o = me->peers; o; o = o->next) {
		bool turned	   = meet_way(o->row, p->row) == MEET_EXPECT;
		struct peer *from  = turned ? o : p;
		struct peer *to	   = turned ? p : o;
		enum meet_step way = meet_way(from->row, to->row);

		if (o != p && o->serving && way != MEET_DONE && !meet_known(me, p->id, o->id) &&
		    !meet_too_early(me, from, to))
			meet_begin(me, from, to, way);
	}
}

/* ---- has it met them? ---- */

bool
meet_done(struct directory *me, const struct peer *p, enum tree_row_no with)
{
	for (const struct meet *m = me->meets; m; m = m->next) {
		uint64_t id = m->from == p->id ? m->to : m->from;
		const struct peer *o =
		    m->from == p->id || m->to == p->id ? peer_find(me, id) : NULL;

		if (o && o->row == with && !m->storage && m->step == MEET_DONE && !m->gone)
			return true;
	}
	return false;
}

static bool
row_serves(const struct directory *me, enum tree_row_no row)
{
	const struct peer *p = me->peers;

	while (p && !(p->row == row && p->serving))
		p = p->next;
	return p != NULL;
}

/* A process that comes when asked for is no use without what it needs, others are. */
static bool
meet_needed(const struct directory *me, const struct peer *p, enum tree_row_no with)
{
	enum tree_when when = tree_runs(with, me->kind, me->wanted);

	if (when == TREE_NEVER || tree[with].flags & TREE_MANY)
		return false;
	/* Files do not wait for an api that has died, only for what scripts told one that lives. */
	if (p->row == ROW_WORKER && with == ROW_API && !row_serves(me, with))
		return false;
	if (when == TREE_ALWAYS && !(tree[with].flags & TREE_CLIENT))
		return true;
	return (tree[p->row].flags & TREE_MANY) != 0;
}

/* Those of the storages that are there; a late one's introduction goes on behind the logons. */
static bool
storages_met(const struct directory *me, const struct peer *p)
{
	for (const struct meet *m = me->meets; m; m = m->next) {
		if (m->from == p->id && m->storage && !m->gone && !m->late && m->step != MEET_DONE)
			return false;
	}
	return true;
}

bool
meet_all_done(struct directory *me, const struct peer *p)
{
	if (!storages_met(me, p))
		return false;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (!(tree_meets(p->row) & 1u << tree[row].role) || !meet_needed(me, p, row))
			continue;
		if (!meet_done(me, p, row))
			return false;
	}
	return true;
}
