/*
 * api.c - the api's birth: a process between scripts on one side and store,
 * fsd and directory on the other.
 */
#include <stdio.h>

#include "base/loop.h"
#include "broker/broker.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

int
api_main(int argc, char **argv)
{
	char links[PATH_BOUND + 16];
	struct node_conf conf = { .role = PEER_API, .links = links };
	struct sandbox box;
	struct node *node;
	struct birth b;

	birth_begin(&b, argc, argv, "bulkhead-broker", FROM(API));
	conf.loop    = loop_new();
	conf.self    = b.self;
	conf.channel = b.channel;
	(void)snprintf(links, sizeof links, "%s/links", api_isolate(&box, &b) ? "" : b.runtime);
	node = node_new(&conf);
	api_seal(&box);
	node_serve(node, sandbox_walls(&box));
	return loop_run(conf.loop);
}
