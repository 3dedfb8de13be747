/*
 * keys_methods.c - key.add, key.list, key.revoke: answered by the api itself.
 */
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/hook.h"
#include "broker/api/trace.h"
#include "ipc/msg/keys.msg.h"

static nt
fields_read(const struct request *rq, const struct msg_desc *d, void *ret, char *why)
{
	static struct json_room room;

	room.used = 0;
	memset(ret, 0, d->req_size);
	return json_to_fields(rq->args, d->req(), d->n_req, ret, &room, why);
}

static nt
refuse(char *why, const char *sentence, nt status)
{
	(void)snprintf(why, JSON_WHY, "%s", sentence);
	return status;
}

#define NO_KEYS "this instance keeps no keys: it is only a client's"

/* Where to come, and whom to expect there. */
static void
server_tell(struct request *rq)
{
	const struct remote *r	 = &rq->api->remote;
	char text[TEXT_BOUND + 1] = "";
	size_t n		  = 0;

	for (size_t i = 0; i < r->n && n < sizeof text; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "",
				      r->endpoints[i]);
	if (!rq->reply)
		rq->reply = json_object();
	(void)json_object_set_new(rq->reply, "server_key", json_string(rq->api->keys.public));
	(void)json_object_set_new(rq->reply, "remote", json_string(text));
}

nt
key_add_prepare(struct request *rq, char *why)
{
	struct keys *t = &rq->api->keys;
	uint8_t public[KEY_BYTES];
	struct key_add_req req;
	enum key_role role;
	nt s;

	TRY(fields_read(rq, &key_add_desc, &req, why));
	role = req.storage ? KEY_STORAGE : req.admin ? KEY_ADMIN : KEY_USER;
	if (req.storage && (req.admin || !storages_can_come(rq->api)))
		return refuse(why, req.admin ? "a storage is no administrator" :
			      "no storage can come: `storage listen` is not set, or the bridge has yet to start", STATUS_NOT_SUPPORTED);
	if (t->fd < 0)
		return refuse(why, NO_KEYS, STATUS_NOT_SUPPORTED);
	if (!key_name_allowed(req.name.s))
		return refuse(why, "a name has up to 48 letters, digits, '.', '_', '-' and '@'",
			      STATUS_INVALID_PARAMETER);
	if (!key_read(req.public.s, public))
		return refuse(why, "public is no CURVE key: 40 characters of Z85",
			      STATUS_INVALID_PARAMETER);
	s = keys_add(t, req.name.s, public, role);
	if (nt_is(s, STATUS_OBJECT_NAME_COLLISION))
		return refuse(why, keys_find_name(t, req.name.s) ?
					   "there is a key of this name; revoke it first" :
					   "this key has been there before, revoked or not",
			      s);
	TRY(s);
	log_audit("key added name=%s role=%s by=%s", req.name.s, key_role_name(role),
		  rq->owner->name);
	storages_key(rq->api, keys_find_name(t, req.name.s));
	if (role == KEY_STORAGE)
		storages_tell(rq);
	else
		server_tell(rq);
	return STATUS_SUCCESS;
}

nt
key_list_prepare(struct request *rq, char *why)
{
	const struct keys *t = &rq->api->keys;
	json_t *rows;
	char text[KEY_TEXT + 1];
	struct key_list_req none;

	TRY(fields_read(rq, &key_list_desc, &none, why));
	rows = json_array();
	for (size_t i = 0; i < t->n; i++) {
		const struct key *k	 = &t->v[i];
		const struct key_row_req row = { .name	  = str_of(k->name),
						 .public  = str_of(key_print(k->public, text)),
						 .admin	  = k->role == KEY_ADMIN,
						 .storage = k->role == KEY_STORAGE,
						 .configured = k->configured,
						 .revoked = k->revoked,
						 .added	  = k->added,
						 .ended	  = k->ended };

		(void)json_array_append_new(
		    rows, json_from_fields(key_row_desc.req(), key_row_desc.n_req, &row));
	}
	server_tell(rq);
	(void)json_object_set_new(rq->reply, "keys", rows);
	return STATUS_SUCCESS;
}

/* Its process, its sessions with other servers, its watches. */
void
key_end_owner(void *ctx, const struct key *k)
{
	struct api *me	  = ctx;
	struct owner *o	  = owner_of_key(me, k->number);
	struct link *link = o ? node_find(me->node, o->session) : NULL;

	if (!o)
		return;
	o->n_requests++; /* ours, until we are done with it */
	watches_of_owner(me, o);
	hooks_of_owner(me, o);
	traces_of_owner(me, o);
	if (link)
		link_condemn(link, "the key of its owner has been revoked");
	owner_leave(me, o, 0);
}

nt
key_revoke_prepare(struct request *rq, char *why)
{
	struct keys *t = &rq->api->keys;
	struct key_revoke_req req;
	const struct key *k;
	nt s;

	TRY(fields_read(rq, &key_revoke_desc, &req, why));
	if (t->fd < 0)
		return refuse(why, NO_KEYS, STATUS_NOT_SUPPORTED);
	k = keys_find_name(t, req.name.s);
	if (!k)
		return refuse(why, "there is no key of this name", STATUS_NOT_FOUND);
	if (k->configured)
		return refuse(why, "`api keys` of the configuration names it: take it out and reload",
			      STATUS_NOT_SUPPORTED);
	s = keys_revoke(t, req.name.s);
	log_audit("key revoked name=%s by=%s status=%s", k->name, rq->owner->name, nt_name(s));
	key_end_owner(rq->api, k);
	storages_key(rq->api, k);
	if (nt_failed(s))
		return refuse(why, "it is revoked until the server's next start only: the list "
			      "cannot be written", s);
	return STATUS_SUCCESS;
}

const struct key *
user_revoked(const struct api *me, const struct api_user *u)
{
	const struct key *k = keys_find(&me->keys, u->key);

	return k && k->revoked ? k : NULL;
}
