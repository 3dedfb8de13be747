/*
 * api.c - the api's birth, and what it takes from the configuration.
 */
#include "broker/api/api.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/api/hook.h"
#include "broker/api/trace.h"
#include "broker/broker.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "sandbox/sandbox.h"

static void
place_take(struct api *me, const struct conf_place_req *p)
{
	json_t *shares = json_object_get(me->places, p->storage.s);

	if (!shares) {
		shares = json_array();
		(void)json_object_set_new(me->places, p->storage.s, shares);
	}
	(void)json_array_append_new(shares, json_string(p->share.s));
}

static nt
record_take(struct api *me, uint16_t id, struct span body)
{
	struct conf_instance_req inst;
	struct conf_place_req place;
	struct conf_api_req api;
	struct conf_api_key_req key;
	struct conf_listen_req l;
	char text[ADDR_TEXT];

	if (id == conf_instance_desc.id) {
		TRY(conf_instance_req_decode(body, &inst));
		me->uid_first = inst.worker_uid_first;
		me->uid_last  = inst.worker_uid_last;
	} else if (id == conf_api_desc.id) {
		TRY(conf_api_req_decode(body, &api));
		me->owner_uid = api.owner_uid;
		(void)snprintf(me->version, sizeof me->version, "%s", api.version.s);
		(void)snprintf(me->admins, sizeof me->admins, "%s", api.admins.s);
		(void)snprintf(me->users, sizeof me->users, "%s", api.users.s);
	} else if (id == conf_api_key_desc.id) {
		TRY(conf_api_key_req_decode(body, &key));
		keys_conf_add(&me->keys, key.name.s, key.public.s,
			      key.admin ? KEY_ADMIN : KEY_USER);
	} else if (id == conf_listen_desc.id) {
		TRY(conf_listen_req_decode(body, &l));
		(void)json_array_append_new(me->listen, json_string(addr_print(&l.addr, text)));
	} else if (id == conf_place_desc.id) {
		TRY(conf_place_req_decode(body, &place));
		place_take(me, &place);
	}
	return STATUS_SUCCESS;
}

static void
part_take(struct api *me, struct span part)
{
	struct rd r = rd_init(part);
	struct span body;
	uint16_t id;

	(void)json_array_clear(me->listen);
	(void)json_object_clear(me->places);
	keys_conf_begin(&me->keys);
	while (conf_next(&r, &id, &body)) {
		if (nt_failed(record_take(me, id, body)))
			fatal("a configuration record makes no sense id=%u", id);
	}
	keys_conf_end(&me->keys, key_end_owner, me);
}

static void
on_reload(void *ctx, struct span part)
{
	part_take(ctx, part);
}

/* A script's next call starts another. */
static void
on_peer_down(void *ctx, struct link *l)
{
	struct api *me	= ctx;
	struct owner *o = owner_of_peer(me, link_peer(l));

	if (!o)
		return;
	watches_end(me, o->session);
	o->session = 0;
	owner_release(me, o);
}

/* A worker knows what is hooked, and who traces, before it is given out. */
static void
on_peer_up(void *ctx, struct link *l)
{
	if (link_role(l) == PEER_WORKER)
		hooks_tell(ctx, l);
	else if (link_role(l) == PEER_BRIDGE)
		storages_up(ctx, l);
	if (link_role(l) == PEER_WORKER || link_role(l) == PEER_GATE)
		traces_tell(ctx, l);
}

static const struct node_events api_events = { .reload	  = on_reload,
					       .peer_up	  = on_peer_up,
					       .peer_down = on_peer_down };

int
api_main(int argc, char **argv)
{
	static struct api me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = { .role	     = PEER_API,
				  .links     = links,
				  .listens   = true,
				  .io_threads = 2, /* the second for strangers: remote.c */
				  .methods   = api_methods,
				  .n_methods = api_methods_n,
				  .events    = &api_events,
				  .me	     = &me };
	struct sandbox box;
	struct birth b;

	birth_begin(&b, argc, argv, "bulkhead-broker", FROM(API));
	ENSURE(b.n_listeners >= 2);
	me.loop	  = loop_new();
	me.listen = json_array();
	me.places = json_object();
	keys_open(&me.keys, b.state); /* last use of privilege */
	part_take(&me, b.part);
	(void)snprintf(links, sizeof links, "%s/links", api_isolate(&box, &b) ? "" : b.runtime);
	conf.loop    = me.loop;
	conf.self    = b.self;
	conf.channel = b.channel;
	me.node	     = node_new(&conf);
	door_open(&me, b.listeners[0]);
	pass_open(&me, b.listeners[1]);
	remote_open(&me, b.listeners + 2, b.n_listeners - 2);
	api_seal(&box);
	node_serve(me.node, sandbox_walls(&box));
	return loop_run(me.loop);
}
