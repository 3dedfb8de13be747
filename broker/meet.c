/*
 * meet.c - introduces two processes to each other.
 *
 * By ZeroMQ: the side that binds is told whom to expect, then the other to
 * connect; when its greeting has been answered, shared memory follows where
 * the tree says so.  By channel: both get one end of a socket pair.  Failures
 * of living processes are tried again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/directory.h"
#include "ipc/arena.h"
#include "ipc/fdpass.h"
#include "ipc/ring.h"
#include "ipc/msg/link.msg.h"

#define AGAIN_MS    250u
#define STEP_MS     8000u	/* a step that takes longer has failed */
#define ARENA_SLOTS 256u	/* 16 MiB */

enum meet_step {
	MEET_EXPECT,
	MEET_CONNECT,
	MEET_ARENA,
	MEET_RING,
	MEET_CHANNEL,
	MEET_DONE,
};

struct meet {
	struct meet *next;
	struct directory *me;
	uint64_t from, to;	/* from connects, or is the lower row of a channel */
	enum meet_step first, step;
	unsigned waiting;	/* answers outstanding */
	bool failed, gone;
	uint64_t memory;	/* what the first end named */
	struct loop_timer again;
};

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
	free(m);
}

static void
meet_finished(struct meet *m)
{
	struct directory *me = m->me;
	struct peer *from    = peer_find(me, m->from);
	struct peer *to      = peer_find(me, m->to);

	m->step = MEET_DONE;
	if (from && tree[from->row].flags & TREE_MANY)
		worker_met(me, from);
	if (to && tree[to->row].flags & TREE_MANY)
		worker_met(me, to);
	ready_check(me);
}

static void
meet_again(void *ctx)
{
	struct meet *m = ctx;

	m->step   = m->first;
	m->failed = false;
	meet_go(m);
}

static bool
meet_shares(const struct meet *m)
{
	const struct peer *from = peer_find(m->me, m->from);
	const struct peer *to   = peer_find(m->me, m->to);

	return from && to && (tree_arena(from->row, to->row) || tree_arena(to->row, from->row));
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

	log_error("shared memory could not be introduced peer=%llu",
	    (unsigned long long)m->from);
	if (from)
		peer_kill(m->me, from);
	meet_free(m);
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
		log_warn("introduction failed from=%llu to=%llu step=%d",
		    (unsigned long long)m->from, (unsigned long long)m->to, (int)m->step);
		loop_timer_set(m->me->loop, &m->again, AGAIN_MS, meet_again, m);
	} else {
		meet_advance(m);
		if (m->step == MEET_DONE)
			meet_finished(m);
		else
			meet_go(m);
	}
}

static void
meet_answer(struct meet *m, nt status)
{
	m->failed = m->failed || nt_failed(status);
	if (--m->waiting == 0)
		meet_stepped(m);
}

/* All kinds of answers say the same: it worked or it did not. */
#define MEET_ANSWER(msg)                                                              \
	static void msg##_answered(void *ctx, nt status, const struct msg##_rsp *rsp, \
	    struct span data)                                                         \
	{                                                                             \
		(void)rsp;                                                            \
		(void)data;                                                           \
		meet_answer(ctx, status);                                             \
	}
MEET_ANSWER(link_expect)
MEET_ANSWER(link_connect)
MEET_ANSWER(link_channel)

/*
 * Both ends must have named the same memory.  If not, a directory died between
 * telling the one and the other, and they will never hear each other: the side
 * that connects starts anew.
 */
static void
meet_memory(struct meet *m, nt status, uint64_t memory)
{
	const struct peer *from = peer_find(m->me, m->from);

	if (m->memory == 0)
		m->memory = memory;
	if (from && memory != 0 && memory != m->memory)
		peer_kill(m->me, from);
	meet_answer(m, memory == m->memory && memory != 0 ? status : STATUS_DATA_ERROR);
}

#define MEET_MEMORY(msg)                                                              \
	static void msg##_answered(void *ctx, nt status, const struct msg##_rsp *rsp, \
	    struct span data)                                                         \
	{                                                                             \
		(void)data;                                                           \
		meet_memory(ctx, status, rsp ? rsp->memory : 0);                      \
	}
MEET_MEMORY(link_share_arena)
MEET_MEMORY(link_share_ring)

/* ---- steps ---- */

/* A call that was not made counts as one that failed. */
static void
meet_called(struct meet *m, nt status)
{
	if (nt_failed(status))
		m->failed = true;
	else
		m->waiting++;
}

static void
step_expect(struct meet *m, struct peer *from, struct peer *to)
{
	const struct link_expect_req req = { .peer = from->id, .role = (uint8_t)tree[from->row].role,
		.uid = from->uid, .pid = from->pid };
	const struct call_opt opt = { .timeout_ms = STEP_MS };

	meet_called(m, link_expect_call(to->link, &req, &opt, link_expect_answered, m));
}

static void
step_connect(struct meet *m, struct peer *from, struct peer *to)
{
	char endpoint[64];
	struct link_connect_req req = { .peer = to->id, .role = (uint8_t)tree[to->row].role,
		.uid = to->uid, .pid = to->pid };
	const struct call_opt opt = { .timeout_ms = STEP_MS };

	(void)snprintf(endpoint, sizeof endpoint, "%s/%llu", peer_role_name(tree[to->row].role),
	    (unsigned long long)to->id);
	req.endpoint = str_of(endpoint);
	meet_called(m, link_connect_call(from->link, &req, &opt, link_connect_answered, m));
}

static void
arena_give(struct meet *m, struct peer *p, uint64_t other, int fd)
{
	const struct link_share_arena_req req = { .peer = other, .slots = ARENA_SLOTS };
	const struct call_opt opt = { .timeout_ms = STEP_MS, .fd = fd, .has_fd = true };

	meet_called(m, link_share_arena_call(p->link, &req, &opt, link_share_arena_answered, m));
}

static void
step_arena(struct meet *m, struct peer *from, struct peer *to)
{
	int fd = arena_memfd(ARENA_SLOTS);

	m->memory = 0;
	if (fd < 0) {
		m->failed = true;
		return;
	}
	arena_give(m, to, from->id, fd);
	arena_give(m, from, to->id, fd);
	close(fd);
}

static void
ring_give(struct meet *m, struct peer *p, uint64_t other, uint8_t side, int memfd, const int bells[2])
{
	const struct link_share_ring_req req = { .peer = other, .side = side };
	const int more[]          = { bells[side], bells[1 - side] };
	const struct call_opt opt = { .timeout_ms = STEP_MS, .fd = memfd, .has_fd = true,
		.more_fds = more, .n_more_fds = NELEM(more) };

	meet_called(m, link_share_ring_call(p->link, &req, &opt, link_share_ring_answered, m));
}

/* bells[i] wakes side i. */
static void
step_ring(struct meet *m, struct peer *from, struct peer *to)
{
	const int bells[2] = { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	int memfd          = ring_memfd();

	m->memory = 0;
	if (memfd >= 0 && bells[0] >= 0 && bells[1] >= 0) {
		ring_give(m, to, from->id, 0, memfd, bells);
		ring_give(m, from, to->id, 1, memfd, bells);
	} else {
		m->failed = true;
	}
	close(memfd);
	close(bells[0]);
	close(bells[1]);
}

static void
channel_give(struct meet *m, struct peer *p, const struct peer *other, int fd)
{
	const struct link_channel_req req = { .peer = other->id,
		.role = (uint8_t)tree[other->row].role, .uid = other->uid, .pid = other->pid };
	const struct call_opt opt = { .timeout_ms = STEP_MS, .fd = fd, .has_fd = true };

	meet_called(m, link_channel_call(p->link, &req, &opt, link_channel_answered, m));
}

static void
step_channel(struct meet *m, struct peer *from, struct peer *to)
{
	int pair[2];

	if (nt_failed(fdpass_pair(pair))) {
		m->failed = true;
		return;
	}
	channel_give(m, from, to, pair[0]);
	channel_give(m, to, from, pair[1]);
	close(pair[0]);
	close(pair[1]);
}

static void (*const steps[])(struct meet *, struct peer *, struct peer *) = {
	[MEET_EXPECT]  = step_expect,
	[MEET_CONNECT] = step_connect,
	[MEET_ARENA]   = step_arena,
	[MEET_RING]    = step_ring,
	[MEET_CHANNEL] = step_channel,
};

static void
meet_go(struct meet *m)
{
	struct peer *from = peer_find(m->me, m->from);
	struct peer *to   = peer_find(m->me, m->to);

	m->waiting = 1; /* ours, so that no answer ends the step before all is asked */
	if (from && to && from->link && to->link)
		steps[m->step](m, from, to);
	else
		m->failed = true;
	meet_answer(m, STATUS_SUCCESS);
}

/* ---- who meets whom ---- */

static void
meet_begin(struct directory *me, const struct peer *from, const struct peer *to,
    enum meet_step first)
{
	struct meet *m = xcalloc(1, sizeof *m);

	*m = (struct meet){ .next = me->meets, .me = me, .from = from->id, .to = to->id,
		.first = first, .step = first };
	me->meets = m;
	meet_go(m);
}

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

void
meet_everybody(struct directory *me, struct peer *p)
{
	for (struct peer *o = me->peers; o; o = o->next) {
		bool turned        = meet_way(o->row, p->row) == MEET_EXPECT;
		struct peer *from  = turned ? o : p;
		struct peer *to    = turned ? p : o;
		enum meet_step way = meet_way(from->row, to->row);

		if (o != p && o->serving && way != MEET_DONE && !meet_known(me, p->id, o->id))
			meet_begin(me, from, to, way);
	}
}

bool
meet_done(struct directory *me, const struct peer *p, enum tree_row_no with)
{
	for (const struct meet *m = me->meets; m; m = m->next) {
		uint64_t id            = m->from == p->id ? m->to : m->from;
		const struct peer *o   = m->from == p->id || m->to == p->id ? peer_find(me, id) : NULL;

		if (o && o->row == with && m->step == MEET_DONE && !m->gone)
			return true;
	}
	return false;
}

bool
meet_all_done(struct directory *me, const struct peer *p)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (me->is_private && tree[row].flags & TREE_SERVES)
			continue;
		if (tree[row].flags & TREE_MANY || !(tree_meets(p->row) & 1u << tree[row].role))
			continue;
		if (!meet_done(me, p, row))
			return false;
	}
	return true;
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
	struct peer *p                 = peer_find(me, to);

	if (p && p->link && nt_failed(link_gone_call(p->link, &req, NULL, gone_said, NULL)))
		peer_kill(me, p);
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
