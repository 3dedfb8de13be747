/*
 * storages.c - the api's word to the bridge: which keys a storage of another
 * host may come with.  A bridge that starts is told all of them; until then it
 * lets nobody in.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "broker/api/api.h"
#include "ipc/msg/bridge.msg.h"

static void
bridge_told(void *ctx, nt status, const struct bridge_key_rsp *rsp, struct span data)
{
	struct api *me = ctx;

	(void)data;
	if (nt_failed(status)) {
		log_warn("the bridge did not take a key status=%s", nt_name(status));
		return;
	}
	(void)snprintf(me->storages.server, sizeof me->storages.server, "%s", rsp->server.s);
	(void)snprintf(me->storages.listen, sizeof me->storages.listen, "%s", rsp->listen.s);
}

static void
bridge_tell(struct api *me, struct link *bridge, const struct key *k)
{
	struct bridge_key_req req = { .good = k && !k->revoked };

	if (k) {
		req.name = str_of(k->name);
		memcpy(req.public.b, k->public, sizeof req.public.b);
	}
	if (nt_failed(bridge_key_call(bridge, &req, NULL, bridge_told, me)))
		log_warn("the bridge cannot be told of a key");
}

void
storages_key(struct api *me, const struct key *k)
{
	struct link *bridge = node_peer(me->node, PEER_BRIDGE);

	if (bridge && k && k->role == KEY_STORAGE)
		bridge_tell(me, bridge, k);
}

void
storages_up(struct api *me, struct link *bridge)
{
	bridge_tell(me, bridge, NULL);
	for (uint64_t i = 1; i <= me->keys.n; i++) {
		const struct key *k = keys_find(&me->keys, i);

		if (k->role == KEY_STORAGE)
			bridge_tell(me, bridge, k);
	}
}

bool
storages_can_come(const struct api *me)
{
	return me->storages.server[0] != '\0';
}

void
storages_tell(struct request *rq)
{
	const struct storages *s = &rq->api->storages;

	if (!rq->reply)
		rq->reply = json_object();
	(void)json_object_set_new(rq->reply, "server_key", json_string(s->server));
	(void)json_object_set_new(rq->reply, "remote", json_string(s->listen));
}
