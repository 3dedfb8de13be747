/*
 * main.c - birth of bulkhead-fsd: configuration, share roots, walls, links,
 * filter, and only then foreign bytes.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/outgrown.h"
#include "fsd/path.h"
#include "fsd/peer.h"
#include "fsd/tree.h"
#include "fsd/walls.h"

static void
peer_down(void *me, struct link *l)
{
	peer_gone(me, l);
}

static void
reload(void *ctx, struct span part)
{
	struct fsd *me      = ctx;
	struct shares fresh = { 0 };

	if (nt_failed(shares_read(&fresh, part, &me->shares)))
		fatal("the configuration part is not usable");
	shares_replace(&me->shares, &fresh);
	trees_reconsider(me);
	outgrown_look(me);
}

static void
stop(void *ctx)
{
	fsd_stop(ctx);
}

static const struct node_events events = { .peer_down = peer_down, .reload = reload, .stop = stop };

/* Whoever acts for others when not root is who started us. */
static void
identity(void)
{
	creds_init();
	(void)umask(0);		/* modes are the shares' to say */
}

static void
roots_open(struct fsd *me, bool new_root)
{
	if (nt_failed(path_proc_enter()))
		fatal("cannot enter /proc/self/fd");
	shares_open(&me->shares, new_root);
}

int
main(int argc, char **argv)
{
	static struct fsd me;
	static char links[4096] = "/links";
	struct sandbox box      = { 0 };
	struct birth birth;
	bool new_root;

	log_open("fsd");
	birth_begin(&birth, argc, argv, "bulkhead-fsd", FROM(FSD));
	if (nt_failed(shares_read(&me.shares, birth.part, NULL)))
		fatal("the configuration part is not usable");
	me.born = birth.part;
	if (nt_failed(path_proc_open()))
		fatal("/proc is not mounted");
	new_root = walls_isolate(&box, &birth, &me.shares);
	if (!new_root)
		(void)snprintf(links, sizeof links, "%s/links", birth.runtime);
	identity();
	roots_open(&me, new_root);
	fsd_init(&me, loop_new(), me.shares.threads, me.shares.max_opens);
	me.node = node_new(&(struct node_conf){ .loop = me.loop, .role = PEER_FSD,
	    .self = birth.self, .channel = birth.channel, .links = links, .listens = true,
	    .afar = birth.n_listeners > 0 ? birth.listeners[0] : 0,
	    .methods = fsd_methods, .n_methods = n_fsd_methods, .events = &events, .me = &me });
	sandbox_seal(&box, fsd_rules, n_fsd_rules);
	node_serve(me.node, sandbox_walls(&box));
	return loop_run(me.loop);
}
