/*
 * owner.c - local users: what each has in flight, and which process holds its
 * sessions with other servers.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "broker/api.h"

static struct owner *
owner_find(struct api *me, uint32_t uid)
{
	struct owner *o = me->owners;

	while (o && o->uid != uid)
		o = o->next;
	return o;
}

static struct owner *
owner_new(struct api *me, uint32_t uid)
{
	struct owner *o = xcalloc(1, sizeof *o);

	*o	   = (struct owner){ .next = me->owners, .uid = uid };
	me->owners = o;
	return o;
}

struct owner *
owner_enter(struct api *me, uint32_t uid, size_t n_bytes)
{
	struct owner *o = owner_find(me, uid);

	if (n_bytes > BYTES_OF_UID - (o ? o->n_bytes : 0) ||
	    (o && o->n_requests >= REQUESTS_OF_UID))
		return NULL;
	if (!o)
		o = owner_new(me, uid);
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

const char *
owner_name(const struct owner *o, char buf[OWNER_TEXT])
{
	(void)snprintf(buf, OWNER_TEXT, "uid:%u", o->uid);
	return buf;
}
