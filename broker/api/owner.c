/*
 * owner.c - local users, and keys of others: what each has in flight, and which process holds its
 * sessions with other servers.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "broker/api/api.h"

static struct owner *
owner_find(struct api *me, const struct api_user *u)
{
	struct owner *o = me->owners;

	while (o && (o->uid != u->uid || o->key != u->key))
		o = o->next;
	return o;
}

static void
name_make(const struct api *me, struct owner *o)
{
	const struct key *k = keys_find(&me->keys, o->key);
	size_t n;

	if (!k) {
		(void)snprintf(o->name, sizeof o->name, "uid:%u", o->uid);
		return;
	}
	n = (size_t)snprintf(o->name, sizeof o->name, "key:%s:", k->name);
	for (size_t i = 0; i < 8; i++)
		n += (size_t)snprintf(o->name + n, sizeof o->name - n, "%02x", k->public[i]);
}

static struct owner *
owner_new(struct api *me, const struct api_user *u)
{
	struct owner *o = xcalloc(1, sizeof *o);

	*o = (struct owner){ .next = me->owners, .uid = u->uid, .key = u->key };
	name_make(me, o);
	me->owners = o;
	return o;
}

struct owner *
owner_enter(struct api *me, const struct api_user *u, size_t n_bytes)
{
	struct owner *o = owner_find(me, u);

	if (n_bytes > BYTES_OF_UID - (o ? o->n_bytes : 0) ||
	    (o && o->n_requests >= REQUESTS_OF_UID))
		return NULL;
	if (!o)
		o = owner_new(me, u);
	o->n_requests++;
	o->n_bytes += n_bytes;
	return o;
}

void
owner_release(struct api *me, struct owner *o)
{
	struct owner **at = &me->owners;

	if (o->n_requests > 0 || o->n_watches > 0 || o->session != 0)
		return;
	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	free(o);
}

void
owner_leave(struct api *me, struct owner *o, size_t n_bytes)
{
	o->n_requests--;
	o->n_bytes -= n_bytes;
	owner_release(me, o);
}

struct owner *
owner_of_peer(struct api *me, uint64_t session)
{
	struct owner *o = me->owners;

	while (o && o->session != session)
		o = o->next;
	return session != 0 ? o : NULL;
}

struct owner *
owner_of_key(struct api *me, uint64_t key)
{
	struct owner *o = me->owners;

	while (o && o->key != key)
		o = o->next;
	return key != 0 ? o : NULL;
}
