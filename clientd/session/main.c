/*
 * main.c - the birth of session, in the order of every daemon.
 */
#include <jansson.h>
#include <signal.h>

#include "clientd/clientd.h"
#include "base/fatal.h"
#include "clientd/session/client.h"
#include "proto/smb2/crypto.h"

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		client_stop(ctx);
}

int
session_main(const struct birth *b)
{
	static struct client me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = {
		.role	   = PEER_SESSION,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.methods   = session_methods,
		.n_methods = session_methods_n,
		.events	   = &client_events,
		.me	   = &me,
	};

	if (nt_failed(smb2_crypto_init()))
		fatal("libcrypto lacks what SMB needs");
	json_object_seed(0);	/* from a file that is out of reach later */
	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	session_isolate(&me, b, links, sizeof links);
	client_init(&me);
	conf.loop = me.loop;
	me.node	  = node_new(&conf);
	taps_init(&me.taps, me.node);
	session_seal(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
