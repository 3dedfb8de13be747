/*
 * main.c - the birth of dialer, in the order of every daemon.
 */
#include <signal.h>

#include "clientd/clientd.h"
#include "clientd/dialer/dialer.h"

static void
on_stop(void *ctx)
{
	struct dialer *me = ctx;

	loop_stop(me->loop, 0);
}

static void
on_peer_down(void *ctx, struct link *l)
{
	dials_forget(ctx, l);
}

static const struct node_events dialer_events = { .stop = on_stop, .peer_down = on_peer_down };

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		on_stop(ctx);
}

int
dialer_main(const struct birth *b)
{
	static struct dialer me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = {
		.role	   = PEER_DIALER,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.methods   = dialer_methods,
		.n_methods = dialer_methods_n,
		.events	   = &dialer_events,
		.me	   = &me,
	};

	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	TAILQ_INIT(&me.dials);
	dialer_isolate(&me, b, links, sizeof links);
	me.resolver = resolver_new(me.loop);	/* its threads begin life behind the walls */
	conf.loop = me.loop;
	me.node	  = node_new(&conf);
	dialer_seal(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
