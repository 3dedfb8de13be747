/*
 * events.c - what happens to the store from outside of its methods: a new
 * configuration, peers that come and go, the wish that it stop.
 */
#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/log.h"

#define STOP_MS	  5000u /* what is in flight may take this long */
#define NS_PER_MS 1000000u

uint64_t
store_now_ms(const struct store *s)
{
	return loop_now(s->loop) / NS_PER_MS;
}

void
store_apply(struct store *s)
{
	const struct throttle_rules rules = { s->conf.lock_pair, s->conf.lock_address,
					      s->conf.lock_ms, s->conf.lock_window_ms };

	if (s->throttle)
		throttle_configure(s->throttle, &rules);
}

nt
store_configure(struct store *s, struct span part)
{
	TRY(conf_copy_take(&s->part, part, &conf_auth_desc, &s->conf));
	store_apply(s);
	return STATUS_SUCCESS;
}

static void
store_stop_now(void *ctx)
{
	struct store *s = ctx;

	loop_stop(s->loop, 0);
}

void
store_maybe_stop(struct store *s)
{
	if (s->stopping && s->n_logons == 0)
		loop_stop(s->loop, 0);
}

static void
on_stop(void *me)
{
	struct store *s = me;

	s->stopping = true;
	loop_timer_set(s->loop, &s->stop, STOP_MS, store_stop_now, s);
	store_maybe_stop(s);
}

/*
 * `idmap file` cannot be read behind the walls: what is under way is finished, then
 * the spawner starts a store that has read it.  Sessions outlive that.
 */
static void
on_reload(void *me, struct span part)
{
	struct store *s	 = me;
	const bool had	 = s->conf.idmap_file.n > 0;

	if (nt_failed(store_configure(s, part)))
		fatal("a new configuration that cannot be read");
	log_info("store: configuration read again");
	if (had || s->conf.idmap_file.n > 0) {
		log_info("starting again to read `idmap file`");
		on_stop(s);
	}
}

static void
on_peer_up(void *me, struct link *link)
{
	struct store *s = me;

	if (link_role(link) != PEER_FSD)
		return;
	if (link_storage(link)[0] != '\0') {
		grants_renew(s, link);
		return;
	}
	if (s->fsd != 0 && s->fsd != link_peer(link))
		grants_renew(s, link);
	s->fsd = link_peer(link);
}

/* Whoever asked is gone; what they began ends, and so do the sessions of a worker. */
static void
on_peer_down(void *me, struct link *link)
{
	const uint64_t peer = link_peer(link);
	struct store *s	    = me;
	struct logon *l;

	contexts_forget(s->contexts, peer);
	TAILQ_FOREACH(l, &s->logons, all)
		if (l->context.peer == peer)
			l->orphan = true;
	if (link_role(link) == PEER_WORKER)
		sessions_close_worker(s, peer);
}

const struct node_events store_events = {
	.peer_up   = on_peer_up,
	.peer_down = on_peer_down,
	.reload	   = on_reload,
	.stop	   = on_stop,
};
