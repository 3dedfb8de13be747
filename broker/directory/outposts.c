/*
 * outposts.c - spawners elsewhere (containers) that have joined: the
 * directory's side.
 *
 * One fills the seats of the roles that it asked for, in the words that our
 * own spawner uses.  It is believed about its own children and nothing else:
 * each word is checked against the roles, uids and numbers that are its.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "broker/directory/directory.h"

struct outpost {
	struct outpost *next;
	struct directory *dir;
	struct wire_end wire;
	uint64_t id;
	uint32_t uid, roles;
	char storage[STORAGE_BOUND + 1]; /* not empty: the fsd of this storage is all it has */
	bool foreign; /* another pid namespace than ours */
	bool afar;    /* another host */
	bool stopping;
	struct loop_timer end;
};

bool
outpost_is_foreign(const struct outpost *o)
{
	return o->foreign;
}

bool
outpost_is_afar(const struct outpost *o)
{
	return o->afar;
}

static struct outpost *
outpost_of(struct directory *me, uint32_t roles)
{
	struct outpost *o = me->outposts;

	while (o && (!(o->roles & roles) || o->storage[0]))
		o = o->next;
	return o;
}

const char *
outpost_storage(const struct outpost *o)
{
	return o->storage;
}

/* Once each: which of two has the files nobody could tell. */
bool
outpost_storage_free(struct directory *me, const char *storage)
{
	size_t n = 0;

	for (const struct outpost *o = me->outposts; o; o = o->next) {
		if (strcmp(o->storage, storage) == 0)
			return false;
		n += o->storage[0] != '\0'; /* reloads may have renamed some */
	}
	return n < STORAGES_MAX && !peer_storage(me, storage) && parts_has_storage(me, storage);
}

bool
outpost_roles_free(struct directory *me, uint32_t roles)
{
	for (const struct peer *p = me->peers; p; p = p->next) {
		if (p->row != ROW_MAX && !p->storage[0] && roles & 1u << tree[p->row].role)
			return false;
	}
	return roles != 0 && (roles & ~me->joins.roles) == 0 && !outpost_of(me, roles);
}

struct wire_end *
outpost_wire(struct directory *me, enum tree_row_no row)
{
	uint32_t bit = 1u << tree[row].role;
	struct outpost *o;

	if (!(me->joins.roles & bit))
		return &me->wire;
	o = outpost_of(me, bit);
	return o && !o->stopping && wire_is_open(&o->wire) ? &o->wire : NULL;
}

struct wire_end *
outpost_wire_of(struct directory *me, const struct peer *p)
{
	return p->post ? &p->post->wire : &me->wire;
}

/* ---- its end: all that it had started is gone, or as good as ---- */

static struct peer *
child_of(const struct outpost *o)
{
	struct peer *p = o->dir->peers;

	while (p && p->post != o)
		p = p->next;
	return p;
}

static void
outpost_end(void *ctx)
{
	struct outpost *o    = ctx;
	struct directory *me = o->dir;
	struct outpost **at  = &me->outposts;
	struct peer *p;

	log_warn("an outpost is gone peer=%llu", (unsigned long long)o->id);
	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	while ((p = child_of(o)))
		peer_exited(me, p->id);
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (tree[row].flags & TREE_MANY && o->roles & 1u << tree[row].role)
			wants_fail(me, row);
	}
	loop_timer_clear(&o->end);
	wire_close(&o->wire);
	free(o);
}

/* Not at once: the caller may still look at it. */
static void
outpost_gone(void *ctx)
{
	struct outpost *o = ctx;

	loop_timer_set(o->dir->loop, &o->end, 0, outpost_end, o);
}

static void
outpost_condemn(struct outpost *o, const char *why)
{
	log_warn("an outpost talks nonsense and is cut peer=%llu: %s", (unsigned long long)o->id,
		 why);
	wire_close(&o->wire);
	outpost_gone(o);
}

/* ---- what it says ---- */

/* As place_uid() of the spawner makes them. */
static uint32_t
uid_of(const struct outpost *o, const struct wire *m)
{
	const struct directory *me = o->dir;

	if (me->uid_first == 0)
		return o->uid;
	return me->uid_first +
	       (tree[m->row].flags & TREE_MANY ? CONF_ROLE_UIDS + m->index : m->row);
}

/* Uids of another host say nothing here. */
static bool
uid_fits(const struct outpost *o, const struct wire *m)
{
	return o->afar || m->uid == uid_of(o, m);
}

static bool
spawned_fits(const struct outpost *o, const struct wire *m)
{
	struct directory *me = o->dir;

	if (m->row >= ROW_MAX || !(o->roles & 1u << tree[m->row].role))
		return false;
	if (m->peer <= JOIN_ID || m->peer >= WIRE_SPAWNER || peer_find(me, m->peer))
		return false;
	if (tree[m->row].flags & TREE_MANY)
		return m->index < me->max_workers && !worker_born(me, m->index) &&
		       uid_fits(o, m);
	if (m->row == ROW_FSD)
		return !peer_storage(me, o->storage) && uid_fits(o, m);
	return !peer_row(me, (enum tree_row_no)m->row) && uid_fits(o, m);
}

static void
on_spawned(struct outpost *o, const struct wire *m, int fd)
{
	if (fd >= 0 && spawned_fits(o, m)) {
		peer_spawned(o->dir, o, m, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	outpost_condemn(o, "a process that it cannot have");
}

static void
on_failed(struct outpost *o, const struct wire *m)
{
	if (m->row < ROW_MAX && o->roles & 1u << tree[m->row].role &&
	    worker_awaited(o->dir, (enum tree_row_no)m->row, m->index))
		worker_failed(o->dir, m);
}

static void
on_stop(struct outpost *o)
{
	o->stopping = true;
	for (struct peer *p = o->dir->peers; p; p = p->next) {
		if (p->post == o)
			peer_stop(o->dir, p);
	}
}

static void
outpost_said(void *ctx, const struct wire *m, int fds[WIRE_FDS])
{
	struct outpost *o    = ctx;
	const struct peer *p = peer_find(o->dir, m->peer);
	bool own	     = p && p->post == o;

	if (m->kind == WIRE_SPAWNED) {
		on_spawned(o, m, fds[0]);
		return;
	}
	for (size_t i = 0; i < WIRE_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	if (m->kind == WIRE_FAILED)
		on_failed(o, m);
	else if (m->kind == WIRE_EXITED && own)
		peer_exited(o->dir, m->peer);
	else if (m->kind == WIRE_WALLS && own)
		look_answered(o->dir, m);
	else if (m->kind == WIRE_STOP)
		on_stop(o);
	else if (m->kind != WIRE_EXITED && m->kind != WIRE_WALLS)
		outpost_condemn(o, "a word that is not an outpost's");
}

void
outpost_open(struct directory *me, uint64_t id, const struct ucred *who, uint32_t roles,
	     const char *storage, bool foreign, bool afar, int fd)
{
	struct outpost *o = xcalloc(1, sizeof *o);

	*o	     = (struct outpost){ .next	  = me->outposts,
					 .dir	  = me,
					 .id	  = id,
					 .uid	  = who->uid,
					 .roles	  = roles,
					 .foreign = foreign,
					 .afar	  = afar };
	memcpy(o->storage, storage, strlen(storage) + 1);
	me->outposts = o;
	wire_open(&o->wire, me->loop, fd, outpost_said, outpost_gone, o);
	parts_send_outpost(me, &o->wire);
}
