/*
 * peers.c - the processes that are there: born, serving, ended.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/directory/directory.h"
#include "ipc/msg/link.msg.h"

#define BIRTH_MS     20000u /* from fork to dir_hello */
#define STOP_KILL_MS 8000u  /* a process that was asked to end */

struct peer *
peer_find(struct directory *me, uint64_t id)
{
	struct peer *p = me->peers;

	while (p && p->id != id)
		p = p->next;
	return p;
}

struct peer *
peer_of(struct directory *me, const struct link *l)
{
	return peer_find(me, link_peer(l));
}

struct peer *
peer_row(struct directory *me, enum tree_row_no row)
{
	struct peer *p = me->peers;

	while (p && (p->row != row || p->storage[0]))
		p = p->next;
	return p;
}

struct peer *
peer_storage(struct directory *me, const char *storage)
{
	struct peer *p = me->peers;

	while (p && (p->row != ROW_FSD || strcmp(p->storage, storage) != 0))
		p = p->next;
	return p;
}

static enum peer_role
row_role(enum tree_row_no row)
{
	return row == ROW_MAX ? PEER_SPAWNER : tree[row].role;
}

static struct peer *
peer_new(struct directory *me, const struct wire *m)
{
	struct peer *p = xcalloc(1, sizeof *p);

	ENSURE(m->row <= ROW_MAX && !peer_find(me, m->peer));
	*p = (struct peer){ .dir      = me,
			    .id	      = m->peer,
			    .row      = (enum tree_row_no)m->row,
			    .pid      = m->pid,
			    .uid      = m->uid,
			    .gid      = m->gid,
			    .restarts = m->restarts,
			    .started  = m->started,
			    .tag      = m->tag,
			    .index    = m->index };
	memcpy(p->name, m->name, sizeof p->name);
	p->next	  = me->peers;
	me->peers = p;
	return p;
}

static void
again_said(void *ctx, nt status, const struct link_again_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* It hangs: nobody would ever restart it. */
static void
birth_overdue(void *ctx)
{
	struct peer *p = ctx;

	log_error("killed: it did not begin to serve role=%s peer=%llu",
		  peer_role_name(row_role(p->row)), (unsigned long long)p->id);
	peer_kill(p->dir, p);
}

/*
 * Its part first: it may wait for that.  Then, if it has known a directory
 * before us, that it should say hello again.
 */
void
peer_spawned(struct directory *me, struct outpost *post, const struct wire *m, int fd)
{
	static const struct link_again_req again;
	struct peer *p = peer_new(me, m);

	p->post	   = post;
	if (post && p->row == ROW_FSD)
		memcpy(p->storage, outpost_storage(post), strlen(outpost_storage(post)) + 1);
	p->foreign = post && outpost_is_foreign(post);
	if (p->row != ROW_MAX)
		parts_send_birth(me, p, fd);
	p->link = node_adopt(me->node, p->id, row_role(p->row), p->uid, p->pid, fd);
	if (p->row == ROW_MAX)
		return;
	loop_timer_set(me->loop, &p->deadline, BIRTH_MS, birth_overdue, p);
	if (tree[p->row].flags & TREE_MANY)
		worker_taken(me, p);
	if (m->status != 0 && nt_failed(link_again_call(p->link, &again, NULL, again_said, NULL)))
		peer_kill(me, p);
	if (me->stopping && !post)
		peer_stop(me, p);
}

void
peer_joined(struct directory *me, const struct wire *m, bool foreign, int fd)
{
	struct peer *p;

	peer_spawned(me, NULL, m, fd);
	p	   = peer_find(me, m->peer);
	p->joined  = true;
	p->foreign = foreign;
}

/* In one namespace with us, or both in that of one outpost. */
uint32_t
peer_pid(const struct peer *p, const struct peer *to)
{
	bool near = (!p->foreign && !to->foreign) || (p->post && p->post == to->post);

	return near ? p->pid : 0;
}

void
peer_exited(struct directory *me, uint64_t id)
{
	const struct wire look = { .kind = WIRE_WALLS, .peer = id };
	struct peer **at       = &me->peers;
	struct peer *p;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	p = *at;
	if (!p)
		return;
	*at = p->next;
	look_answered(me, &look); /* whoever would have told of it may be gone as well */
	meet_gone(me, id);
	if (p->row == ROW_GATE)
		me->n_listening = 0;
	worker_gone(me, p);
	needs_check(me);
	loop_timer_clear(&p->deadline);
	node_forget(me->node, id);
	free((void *)(uintptr_t)p->part.p);
	free(p);
}

bool
peer_is_afar(const struct peer *p)
{
	return p->post && outpost_is_afar(p->post);
}

static void
level_told(void *ctx, nt status, const struct link_log_level_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

void
peer_tell_level(struct directory *me, struct peer *p)
{
	const struct link_log_level_req req = { .level = me->log_level };

	if (p->row == ROW_MAX || !p->link || !p->serving)
		return;
	if (nt_failed(link_log_level_call(p->link, &req, NULL, level_told, NULL)))
		log_warn("log level not told peer=%llu", (unsigned long long)p->id);
}

void
peer_hello(struct directory *me, struct peer *p, uint32_t walls, const struct key32 *key)
{
	p->walls   = walls;
	p->key	   = *key;
	p->serving = true;
	if (!p->stopping)
		loop_timer_clear(&p->deadline);
	peer_tell_level(me, p);
	meet_everybody(me, p);
	ready_check(me);
}

/* ---- ends ---- */

static void
stop_said(void *ctx, nt status, const struct link_stop_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
stop_overdue(void *ctx)
{
	struct peer *p = ctx;

	log_warn("killed: it did not end when asked role=%s peer=%llu",
		 peer_role_name(row_role(p->row)), (unsigned long long)p->id);
	peer_kill(p->dir, p);
}

void
peer_kill(struct directory *me, const struct peer *p)
{
	struct wire m = { .kind = WIRE_KILL, .peer = p->id };

	if (p->joined)
		node_forget(me->node, p->id); /* it ends with its channel */
	else
		wire_post(outpost_wire_of(me, p), &m, NULL, 0);
}

void
peer_stop(struct directory *me, struct peer *p)
{
	static const struct link_stop_req req;

	if (p->stopping || p->row == ROW_MAX)
		return;
	p->stopping = true;
	if (!p->link || nt_failed(link_stop_call(p->link, &req, NULL, stop_said, NULL)))
		peer_kill(me, p);
	else
		loop_timer_set(me->loop, &p->deadline, STOP_KILL_MS, stop_overdue, p);
}

/* ---- is everything up? ---- */

static bool
row_ready(struct directory *me, enum tree_row_no row)
{
	const struct peer *p = peer_row(me, row);

	if (row == ROW_DIRECTORY || tree[row].flags & TREE_CLIENT ||
	    tree_runs(row, me->kind, me->wanted) != TREE_ALWAYS)
		return true;
	return p && p->serving && meet_all_done(me, p);
}

void
ready_check(struct directory *me)
{
	struct wire m = { .kind = WIRE_READY };

	if (me->ready || me->n_listening < me->n_listeners)
		return;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (!row_ready(me, row))
			return;
	}
	me->ready = true;
	wire_post(&me->wire, &m, NULL, 0);
}
