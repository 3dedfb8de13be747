/*
 * client.c - the process: its tick, and what the node tells it.
 */
#include "clientd/session/client.h"

#include <malloc.h>

#include "base/fatal.h"
#include "clientd/session/cache.h"
#include "clientd/session/file.h"
#include "ipc/msg/dir.msg.h"

#define IDLE_MS	       60000u	/* without a session: we may end */
#define FRAME_THRESHOLD (32 * 1024 * 1024)

/* ---- nothing to do ---- */

static bool
client_rests(const struct client *me)
{
	return table_count(me->sessions) == 0 && fibers_count(me->fibers) == 0;
}

/* STATUS_RETRY: the owner has just asked for us again.  Else the directory says stop. */
static void
on_idle_answer(void *ctx, nt status, const struct dir_session_idle_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
on_idle(void *ctx)
{
	static const struct dir_session_idle_req req;
	struct client *me = ctx;

	if (client_rests(me) && node_directory(me->node))
		(void)dir_session_idle_call(node_directory(me->node), &req, NULL, on_idle_answer,
					    me).code;
}

static void
client_rest(struct client *me)
{
	if (!client_rests(me))
		loop_timer_clear(&me->idle);
	else if (me->idle.slot == 0)
		loop_timer_set(me->loop, &me->idle, IDLE_MS, on_idle, me);
}

/* Fibers make work for connections and the other way round. */
static void
on_tick(void *ctx)
{
	struct client *me = ctx;
	bool more	  = true;

	while (more) {
		more = fibers_run(me->fibers);
		more |= conns_flush(me);
	}
	client_rest(me);
	if (me->stopping && fibers_count(me->fibers) == 0)
		loop_stop(me->loop, 0);
}

void
client_init(struct client *me)
{
	/* Frames of a megabyte come and go: not by mmap and fresh pages each time. */
	(void)mallopt(M_MMAP_THRESHOLD, FRAME_THRESHOLD);
	(void)mallopt(M_TRIM_THRESHOLD, FRAME_THRESHOLD);
	me->fibers   = fibers_new(me->loop);
	me->sessions = table_new(SESSIONS_MAX);
	me->trees    = table_new(TREES_MAX);
	me->files    = table_new(FILES_MAX);
	me->listings = table_new(LISTINGS_MAX);
	me->sha256   = EVP_MD_fetch(NULL, "SHA256", NULL);
	ENSURE(me->sha256);
	TAILQ_INIT(&me->conns);
	TAILQ_INIT(&me->dirty);
	TAILQ_INIT(&me->jobs);
	TAILQ_INIT(&me->kept);
	me->cache_times = (struct cache_times){ RECENT_MS, BELIEVED_MS, KEPT_IDLE_MS };
	TAILQ_INIT(&me->ferries);
	for (size_t i = 0; i < GIVEN_MAX; i++)
		me->given[i].fd = -1;
	loop_on_tick(me->loop, &me->tick, on_tick, me);
}

void
client_stop(struct client *me)
{
	struct session *s;
	uint32_t pos = 0;

	me->stopping = true;
	jobs_cancel_of(me, NULL);
	listings_drop(me);
	held_drop_all(me);
	while ((s = table_next(me->sessions, &pos, NULL)))
		session_close(s);
}

void
client_drop(struct client *me)
{
	loop_timer_clear(&me->idle);
	loop_timer_clear(&me->kept_sweep);
	table_drop(me->sessions);
	table_drop(me->trees);
	table_drop(me->files);
	table_drop(me->listings);
	fibers_drop(me->fibers);
	EVP_MD_free(me->sha256);
}

static void
on_stop(void *ctx)
{
	client_stop(ctx);
}

static void
on_peer_down(void *ctx, struct link *l)
{
	struct client *me = ctx;

	if (link_role(l) == PEER_API)
		taps_clear(&me->taps);
	jobs_cancel_of(me, l);
}

const struct node_events client_events = { .stop = on_stop, .peer_down = on_peer_down };
