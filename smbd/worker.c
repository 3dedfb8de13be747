/*
 * worker.c - one identity's process: its connections' common clockwork, links
 * that come and go, and its end when it has been idle.
 */
#include "smbd/worker.h"

#include <sys/epoll.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/msg/dir.msg.h"
#include "smbd/hook.h"

/* ---- the end of a tick ---- */

/* Answers leave together; what closed during the tick is cleared away. */
static void
worker_clean(struct worker *w)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&w->dirty))) {
		TAILQ_REMOVE(&w->dirty, c, of_dirty);
		c->dirty = false;
		if (!conn_is_open(c)) {
			conn_bury(c);
			continue;
		}
		if (conn_may_read(c))
			conn_resume(c);
		if (conn_is_open(c))
			conn_transmit(c);
	}
}

/* What was sent frees memory that others wait for; nothing else would wake us for them. */
static void
worker_tick(void *ctx)
{
	struct worker *w = ctx;

	do {
		worker_clean(w);
	} while (bulk_feed(w));
}

/* A client that stops in the middle, or does not take its answers, holds memory. */
static bool
conn_is_stuck(const struct conn *c, uint64_t now)
{
	bool half = (c->rx.want > 0 || c->rx.part_n > 0) && c->starved == 0;

	return (half || !TAILQ_EMPTY(&c->outgoing)) &&
	       now - c->moved > STALL_MS * UINT64_C(1000000);
}

static void
worker_stall(void *ctx)
{
	struct worker *w = ctx;
	uint64_t now     = loop_now(w->smbd->loop);
	uint64_t patience = w->smbd->conf.server.auth_timeout_ms * UINT64_C(1000000);
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&w->conns); c; c = next) {
		next = TAILQ_NEXT(c, all);
		if (conn_is_open(c) && conn_is_stuck(c, now))
			conn_close(c, "stalled in the middle of a message");
		else if (conn_is_open(c) && c->n_chans == 0 && now - c->since > patience)
			conn_close(c, "too slow to bind to a session");
	}
	loop_timer_set(w->smbd->loop, &w->stall, STALL_MS / 4, worker_stall, w);
}

/* ---- rest ---- */

static void
worker_retired(void *ctx, nt status, const struct dir_worker_idle_rsp *rsp, struct span data)
{
	struct worker *w = ctx;

	(void)rsp;
	(void)data;
	w->retiring = false;
	if (nt_failed(status) || w->n_conns > 0 || w->sessions.count > 0)
		worker_rest(w);
	else
		loop_stop(w->smbd->loop, 0);
}

static void
worker_idle(void *ctx)
{
	static const struct dir_worker_idle_req nothing;
	struct worker *w = ctx;
	struct link *dir = node_directory(w->smbd->node);

	w->retiring = dir &&
		      !nt_failed(dir_worker_idle_call(dir, &nothing, NULL, worker_retired, w));
	if (!w->retiring)
		worker_rest(w);
}

void
worker_rest(struct worker *w)
{
	if (w->n_conns > 0 || w->sessions.count > 0 || w->retiring)
		return;
	if (w->stopping)
		loop_stop(w->smbd->loop, 0);
	else
		loop_timer_set(w->smbd->loop, &w->idle, w->smbd->conf.server.idle_worker_ms,
		    worker_idle, w);
}

/* ---- links ---- */

void
worker_close_all(struct worker *w, const char *why)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&w->conns); c; c = next) {
		next = TAILQ_NEXT(c, all);
		conn_close(c, why);
	}
}

static void
worker_peer_up(void *me, struct link *l)
{
	if (link_role(l) == PEER_FSD)
		storage_up(me, l);
}

/* What closed for it is cleared away before anything else moves. */
static void
worker_peer_down(void *me, struct link *l)
{
	struct worker *w = me;
	struct conn *c, *next;

	if (link_role(l) == PEER_API)
		hooks_clear(w);
	if (link_role(l) == PEER_API)
		taps_clear(&w->smbd->taps);
	if (!storage_down(w, l))
		return;
	for (c = TAILQ_FIRST(&w->dirty); c; c = next) {
		next = TAILQ_NEXT(c, of_dirty);
		if (conn_is_open(c))
			continue;
		TAILQ_REMOVE(&w->dirty, c, of_dirty);
		c->dirty = false;
		conn_bury(c);
	}
}

static void
worker_reload(void *me, struct span part)
{
	struct worker *w = me;

	if (!conf_load(&w->smbd->conf, part))
		log_error("the new configuration part is not usable");
}

static void
worker_stop(void *me)
{
	struct worker *w = me;

	w->stopping = true;
	worker_close_all(w, "the service stops");
	worker_rest(w);
}

const struct node_events worker_events = {
	.peer_up   = worker_peer_up,
	.peer_down = worker_peer_down,
	.reload    = worker_reload,
	.stop      = worker_stop,
};

/* ---- birth ---- */

void *
worker_begin(struct smbd *smbd)
{
	struct worker *w = xcalloc(1, sizeof *w);

	w->smbd    = smbd;
	w->opens   = table_new(WORKER_OPENS_MAX);
	w->scratch = xcalloc(1, RX_SCRATCH);
	TAILQ_INIT(&w->conns);
	TAILQ_INIT(&w->dirty);
	TAILQ_INIT(&w->starved);
	TAILQ_INIT(&w->pace[0]);
	TAILQ_INIT(&w->pace[1]);
	loop_on_tick(smbd->loop, &w->tick, worker_tick, w);
	return w;
}

void
worker_serve(void *me)
{
	worker_stall(me);
	worker_rest(me);
}
