/*
 * events.c - what happens to cred from outside of its methods: a new
 * configuration, session processes that end, time that passes.
 */
#include "authd/cred/cred.h"
#include "base/fatal.h"
#include "base/log.h"

#define NS_PER_MS 1000000u
#define SWEEP_MS  30000u
#define IDLE_MS	  (12u * 3600 * 1000) /* of a login that nobody uses and nobody drops */

uint64_t
cred_now_ms(const struct cred *me)
{
	return loop_now(me->loop) / NS_PER_MS;
}

nt
cred_configure(struct cred *me, struct span part)
{
	return conf_copy_take(&me->part, part, &conf_cred_desc, &me->conf);
}

void
cred_sweep(void *cred)
{
	struct cred *me = cred;

	exchanges_expire(me->exchanges, cred_now_ms(me));
	logins_expire(me->logins, cred_now_ms(me), IDLE_MS);
	loop_timer_set(me->loop, &me->sweep, SWEEP_MS, cred_sweep, me);
}

static void
on_stop(void *ctx)
{
	struct cred *me = ctx;

	loop_stop(me->loop, 0);
}

static void
on_reload(void *me, struct span part)
{
	if (nt_failed(cred_configure(me, part)))
		fatal("a new configuration that cannot be read");
	log_info("cred: configuration read again");
}

/* What was lent ends with who had it. */
static void
on_peer_down(void *ctx, struct link *link)
{
	struct cred *me = ctx;

	exchanges_forget_peer(me->exchanges, link_peer(link));
	logins_reclaim(me->logins, link_peer(link));
}

const struct node_events cred_events = {
	.peer_down = on_peer_down,
	.reload	   = on_reload,
	.stop	   = on_stop,
};
