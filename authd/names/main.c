/*
 * main.c - the birth of names, in the order of every daemon.
 */
#include <signal.h>

#include "authd/authd.h"
#include "authd/names/names.h"

static void
on_stop(void *ctx)
{
	struct names *me = ctx;

	loop_stop(me->loop, 0);
}

static const struct node_events names_events = { .stop = on_stop };

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
names_main(const struct birth *b)
{
	static struct names me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = {
		.role	   = PEER_NAMES,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.listens   = true,
		.methods   = names_methods,
		.n_methods = names_methods_n,
		.events	   = &names_events,
		.me	   = &me,
	};

	names_warm();
	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	names_isolate(&me, b, links, sizeof links);
	conf.loop = me.loop;
	me.node	  = node_new(&conf);
	names_seal(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
