/*
 * requests.c - what the directory may ask of the spawner, and what it is told.
 *
 * The directory runs as nobody in particular and is not believed: it can have
 * workers started within the configured uids, have workers ended, and ask what
 * the kernel says of a child.  It cannot choose a program, a uid or a pid.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/broker.h"
#include "broker/spawner/spawner.h"

typedef void request_fn(struct spawner *, const struct wire *);

static void
failed(struct spawner *sp, const struct wire *ask)
{
	struct wire m = *ask;

	m.kind = WIRE_FAILED;
	wire_post(&sp->wire, &m, NULL, 0);
}

/* Two processes never have one uid at a time. */
static bool
index_free(const struct spawner *sp, uint32_t index)
{
	for (const struct child *c = sp->children; c; c = c->next) {
		if (tree[c->row].flags & TREE_MANY && c->index == index)
			return false;
	}
	return index < sp->inst.max_workers;
}

static bool
may_ask_for(const struct spawner *sp, uint32_t row)
{
	return row < ROW_MAX && !sp->stopping && supervise_ours(sp, (enum tree_row_no)row) &&
	       tree_runs((enum tree_row_no)row, sp->kind, sp->inst.wanted) == TREE_WHEN_ASKED;
}

/* One of many, or the one of a row that nobody had asked for. */
static void
on_spawn(struct spawner *sp, const struct wire *m)
{
	enum tree_row_no row = (enum tree_row_no)m->row;
	struct child *c	     = NULL;

	if (may_ask_for(sp, m->row) && !(tree[row].flags & TREE_MANY)) {
		supervise_ask(sp, row);
		return;
	}
	if (may_ask_for(sp, m->row) && index_free(sp, m->index))
		c = spawn(sp, row, m->tag, m->index, m->name);
	if (c)
		requests_spawned(sp, c);
	else
		failed(sp, m);
}

static void
on_kill(struct spawner *sp, const struct wire *m)
{
	const struct child *c = child_by_peer(sp, m->peer);

	if (c && c->row != ROW_DIRECTORY)
		(void)kill(c->pid, SIGKILL);
}

static void
on_walls(struct spawner *sp, const struct wire *m)
{
	const struct child *c = child_by_peer(sp, m->peer);
	struct wire answer    = { .kind = WIRE_WALLS, .peer = m->peer };

	if (c || m->peer == WIRE_SPAWNER)
		walls_read(c ? c->pid : getpid(), &answer);
	wire_post(&sp->wire, &answer, NULL, 0);
}

static void
on_reload(struct spawner *sp, const struct wire *m)
{
	(void)m;
	reload_begin(sp);
}

static void
on_shutdown(struct spawner *sp, const struct wire *m)
{
	(void)m;
	supervise_stop(sp, EXIT_OK);
}

/* Only the first time is news: a new directory says it again. */
static void
on_ready(struct spawner *sp, const struct wire *m)
{
	(void)m;
	if (sp->ready)
		return;
	sp->ready = true;
	listen_tell(sp);
	notify_say("READY=1");
}

static void
on_alive(struct spawner *sp, const struct wire *m)
{
	(void)m;
	vigil_heard(sp);
}

static request_fn *const requests[] = {
	[WIRE_SPAWN] = on_spawn,   [WIRE_KILL] = on_kill,	  [WIRE_WALLS] = on_walls,
	[WIRE_ALIVE] = on_alive,
	[WIRE_RELOAD] = on_reload, [WIRE_SHUTDOWN] = on_shutdown, [WIRE_READY] = on_ready,
};

static void
request_got(void *ctx, const struct wire *m, int fds[WIRE_FDS])
{
	struct spawner *sp = ctx;

	for (size_t i = 0; i < WIRE_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]); /* the directory has none for us */
	}
	if (m->kind < NELEM(requests) && requests[m->kind] &&
	    (sp->post.roles == 0 || m->kind <= WIRE_WALLS)) /* the instance is not its to end */
		requests[m->kind](sp, m);
	else
		log_warn("the directory asked for something unknown kind=%u", m->kind);
}

static void
directory_gone(void *ctx)
{
	struct spawner *sp    = ctx;
	const struct child *c = sp->seats[ROW_DIRECTORY].child;

	log_channel(-1);
	/* Closed but alive: it is of no use any more. */
	if (c && !sp->stopping)
		(void)kill(c->pid, SIGKILL);
}

/* ---- telling ---- */

/* A reload has its outcome told, a new directory only what holds. */
void
requests_config(struct spawner *sp, const struct configuring *c, bool good)
{
	uint32_t listeners   = (uint32_t)sp->n_listeners;
	struct wire problems = { .kind = WIRE_PROBLEMS };
	struct wire m	     = { .kind	 = WIRE_CONFIG,
				 .status = good ? 0 : 1,
				 .id	 = sp->guid,
				 .index	 = supervise_ours(sp, ROW_GATE) ? listeners : 1 };

	if (c->problems >= 0)
		wire_post(&sp->wire, &problems, &c->problems, 1);
	wire_post(&sp->wire, &m, &c->records, good ? 1 : 0);
}

void
requests_spawned(struct spawner *sp, struct child *c)
{
	struct wire m = { .kind	    = WIRE_SPAWNED,
			  .row	    = c->row,
			  .peer	    = c->peer,
			  .pid	    = (uint32_t)c->pid,
			  .uid	    = c->uid == (uid_t)-1 ? sp->options.uid : c->uid,
			  .gid	    = c->uid == (uid_t)-1 ? sp->options.gid : c->gid,
			  .tag	    = c->tag,
			  .index    = c->index,
			  .status   = c->told,
			  .started  = c->started,
			  .restarts = sp->seats[c->row].restarts };

	ENSURE(sizeof m.name == sizeof c->name);
	memcpy(m.name, c->name, sizeof m.name);
	wire_post(&sp->wire, &m, &c->channel, 1);
	c->told = wire_is_open(&sp->wire);
}

/* Our own log goes the way of everybody's, as long as there is a directory. */
static void
log_told(struct spawner *sp)
{
	struct wire m = { .kind	   = WIRE_SPAWNED,
			  .row	   = ROW_MAX,
			  .peer	   = WIRE_SPAWNER,
			  .pid	   = (uint32_t)getpid(),
			  .uid	   = sp->options.uid,
			  .gid	   = sp->options.gid,
			  .started = sp->started };

	wire_post(&sp->wire, &m, &sp->log_far, 1);
	log_channel(sp->log_near);
}

static void
join_told(struct spawner *sp)
{
	struct wire m = { .kind = WIRE_JOIN };

	if (sp->join < 0)
		return;
	memcpy(m.name, sp->join_key, sizeof sp->join_key);
	wire_post(&sp->wire, &m, &sp->join, 1);
	secret_wipe(m.name, sizeof m.name);
}

void
requests_join(struct spawner *sp, int sock, loop_fn *gone)
{
	wire_open(&sp->wire, sp->loop, sock, request_got, gone, sp);
	for (struct child *c = sp->children; c; c = c->next)
		requests_spawned(sp, c);
}

/* A fresh directory learns everything that the one before it knew. */
void
requests_open(struct spawner *sp, int sock)
{
	struct configuring inforce = { .records = sp->records, .problems = -1 };

	wire_open(&sp->wire, sp->loop, sock, request_got, directory_gone, sp);
	requests_config(sp, &inforce, true);
	log_told(sp);
	join_told(sp);
	for (struct child *c = sp->children; c; c = c->next) {
		if (c->row != ROW_DIRECTORY)
			requests_spawned(sp, c);
	}
}
