/*
 * join.c - processes that somebody else starts: a container engine, a service
 * manager.
 *
 * They connect to join.sock, show the key of the state directory and name a
 * role that the configuration leaves to them.  The connection becomes their
 * channel; from then on they are introduced like everybody.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/directory/directory.h"

#define JOIN_MS	    5000u /* to show the key */
#define JOINERS_MAX 8u

/* A connection that has not shown the key yet.  Its link has no role and may only ask dir_join. */
struct joiner {
	struct joiner *next;
	struct directory *me;
	uint64_t id;
	struct ucred who;
	bool afar; /* a host that has proved an authorised key: it needs no other */
	int fd; /* a second descriptor of it, for the link to come */
	struct loop_timer patience;
};

/*
 * The kernel and the joiner call it by different pids, or the kernel by none: others will know it
 * by its uid alone.  (A lie weakens who tells it.)
 */
static bool
is_foreign(const struct joiner *j, uint32_t pid)
{
	return (uint32_t)j->who.pid != pid;
}

/* Never used again, not even by the next directory. */
static uint64_t
join_id(void)
{
	return JOIN_ID | (random_u64() & (JOIN_ID - 1));
}

static void
joiner_drop(struct joiner *j)
{
	struct joiner **at = &j->me->joins.first;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	j->me->joins.n--;
	loop_timer_clear(&j->patience);
	node_forget(j->me->node, j->id);
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}

static void
joiner_late(void *ctx)
{
	joiner_drop(ctx);
}

static struct joiner *
joiner_add(struct directory *me, int fd, const struct ucred *who)
{
	struct joiner *j = xcalloc(1, sizeof *j);

	*j		= (struct joiner){ .next = me->joins.first,
					   .me	 = me,
					   .id	 = join_id(),
					   .who	 = *who,
					   .fd	 = fcntl(fd, F_DUPFD_CLOEXEC, 3) };
	me->joins.first = j;
	me->joins.n++;
	loop_timer_set(me->loop, &j->patience, JOIN_MS, joiner_late, j);
	(void)node_adopt(me->node, j->id, PEER_NONE, who->uid, (uint32_t)who->pid, fd);
	return j;
}

static void
join_accept(void *ctx, uint32_t events)
{
	struct directory *me = ctx;
	struct ucred who;
	socklen_t n = sizeof who;
	int fd	    = accept4(me->joins.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (me->joins.n < JOINERS_MAX && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
		(void)joiner_add(me, fd, &who);
	else
		close(fd);
}

nt
dir_afar(struct directory *me, struct call *c, const struct dir_afar_req *req,
	 struct dir_afar_rsp *rsp)
{
	const struct ucred nobody = { .pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	int fd			  = call_take_fd(c);

	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	if (me->joins.n >= JOINERS_MAX) {
		close(fd);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	log_audit("a host has come key=%s", log_q(req->host.s, req->host.n));
	joiner_add(me, fd, &nobody)->afar = true;
	return STATUS_SUCCESS;
}

void
join_open(struct directory *me, const char *key, int listener)
{
	ENSURE(listener >= 0 && strlen(key) < sizeof me->joins.key);
	memcpy(me->joins.key, key, strlen(key) + 1);
	me->joins.listener = listener;
	loop_add(me->loop, &me->joins.watch, listener, EPOLLIN, join_accept, me);
}

static struct joiner *
joiner_of(struct directory *me, const struct link *l)
{
	struct joiner *j = me->joins.first;

	while (j && j->id != link_peer(l))
		j = j->next;
	return j;
}

static bool
key_fits(const struct directory *me, struct span key)
{
	size_t n = strlen(me->joins.key);

	return n > 0 && key.n == n && secret_eq(key.p, me->joins.key, n);
}

/* One process a row, as everywhere.  Listeners, and many of a kind, are an outpost's. */
static bool
row_open(struct directory *me, enum tree_row_no row)
{
	const uint32_t not_alone = TREE_MANY | TREE_LISTENERS;

	return row < ROW_MAX && me->joins.roles & 1u << tree[row].role && !peer_row(me, row) &&
	       !(tree[row].flags & not_alone) && !outpost_wire(me, row);
}

/* Who joins as root is going to be what the spawner would have made of it: see --uid. */
static uint32_t
uid_to_be(const struct directory *me, const struct joiner *j, enum tree_row_no row)
{
	return j->who.uid == 0 && me->uid_first != 0 ? me->uid_first + row : j->who.uid;
}

/* The same connection, now with a role. */
static void
joiner_settle(struct joiner *j, enum tree_row_no row, bool foreign)
{
	struct directory *me = j->me;
	struct wire m	     = { .kind	  = WIRE_SPAWNED,
				 .row	  = row,
				 .peer	  = j->id,
				 .pid	  = (uint32_t)j->who.pid,
				 .uid	  = uid_to_be(me, j, row),
				 .started = clock_real_ns() };
	int fd		     = j->fd;

	m.gid = m.uid;
	j->fd = -1;
	joiner_drop(j);
	peer_joined(me, &m, foreign, fd);
}

/* The same connection, now a spawner's. */
static void
joiner_command(struct joiner *j, uint32_t roles, const char *storage, bool foreign)
{
	struct directory *me   = j->me;
	bool afar	       = j->afar;
	const struct ucred who = j->who;
	uint64_t id	       = j->id;
	int fd		       = j->fd;

	j->fd = -1;
	joiner_drop(j);
	outpost_open(me, id, &who, roles, storage, foreign, afar, fd);
}

/* Without uids of their own they could be told apart by nothing. */
static bool
may_join(struct directory *me, const struct joiner *j, const struct dir_join_req *req)
{
	if (j->afar ? req->storage.n == 0
		    : !key_fits(me, req->key) || (is_foreign(j, req->pid) && me->uid_first == 0))
		return false;
	if (req->storage.n > 0)
		return req->role == PEER_SPAWNER && req->roles == FROM(FSD) &&
		       storage_name_ok(req->storage.s) &&
		       outpost_storage_free(me, req->storage.s);
	return req->role == PEER_SPAWNER ? outpost_roles_free(me, req->roles)
					 : row_open(me, tree_find((enum peer_role)req->role));
}

nt
dir_join(struct directory *me, struct call *c, const struct dir_join_req *req,
	 struct dir_join_rsp *rsp)
{
	const char *role = peer_role_name((enum peer_role)req->role);
	struct joiner *j = joiner_of(me, call_link(c));
	bool foreign;

	REQUIRE(j, STATUS_ACCESS_DENIED);
	foreign = is_foreign(j, req->pid);
	if (!may_join(me, j, req)) {
		log_audit("refused to join role=%s pid=%d uid=%u storage=%s", role, (int)j->who.pid,
			  j->who.uid, log_q(req->storage.s, req->storage.n));
		loop_timer_set(me->loop, &j->patience, 0, joiner_late, j);
		return STATUS_ACCESS_DENIED;
	}
	log_audit("joined role=%s pid=%d uid=%u storage=%s peer=%llu", role, (int)j->who.pid,
		  j->who.uid, log_q(req->storage.s, req->storage.n), (unsigned long long)j->id);
	rsp->self = j->id;
	dir_join_reply(call_keep(c), STATUS_SUCCESS, rsp, SPAN_NONE);
	if (req->role == PEER_SPAWNER)
		joiner_command(j, req->roles, req->storage.s, foreign);
	else
		joiner_settle(j, tree_find((enum peer_role)req->role), foreign);
	return STATUS_PENDING;
}
