/*
 * dir_methods.c - the directory's handlers, in the order of dir.msg.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/directory/directory.h"

/* A dir_processes that waits until the spawner has asked the kernel. */
struct look {
	struct look *next;
	struct call *call;
	uint64_t peer;
};

nt
dir_hello(struct directory *me, struct call *c, const struct dir_hello_req *req,
	  struct dir_hello_rsp *rsp)
{
	struct peer *p = peer_of(me, call_link(c));

	(void)rsp;
	REQUIRE(p && p->row != ROW_MAX, STATUS_ACCESS_DENIED);
	peer_hello(me, p, req->walls, &req->key);
	return STATUS_SUCCESS;
}

nt
dir_lost(struct directory *me, struct call *c, const struct dir_lost_req *req,
	 struct dir_lost_rsp *rsp)
{
	const struct peer *p = peer_of(me, call_link(c));

	(void)rsp;
	REQUIRE(p && p->row != ROW_MAX, STATUS_ACCESS_DENIED);
	meet_lost(me, p, req->peer);
	return STATUS_SUCCESS;
}

nt
dir_worker_get(struct directory *me, struct call *c, const struct dir_worker_get_req *req,
	       struct dir_worker_get_rsp *rsp)
{
	(void)rsp;
	REQUIRE(req->identity.n > 0, STATUS_INVALID_PARAMETER);
	return worker_want(me, c, ROW_WORKER, req->identity.s, req->fresh);
}

nt
dir_session_get(struct directory *me, struct call *c, const struct dir_session_get_req *req,
		struct dir_session_get_rsp *rsp)
{
	(void)rsp;
	REQUIRE(req->owner.n > 0, STATUS_INVALID_PARAMETER);
	return worker_want(me, c, ROW_SESSION, req->owner.s, false);
}

nt
dir_worker_idle(struct directory *me, struct call *c, const struct dir_worker_idle_req *req,
		struct dir_worker_idle_rsp *rsp)
{
	struct peer *p = peer_of(me, call_link(c));

	(void)req;
	(void)rsp;
	REQUIRE(p, STATUS_INVALID_PARAMETER);
	return worker_retire(me, p);
}

nt
dir_session_idle(struct directory *me, struct call *c, const struct dir_session_idle_req *req,
		 struct dir_session_idle_rsp *rsp)
{
	struct peer *p = peer_of(me, call_link(c));

	(void)req;
	(void)rsp;
	REQUIRE(p, STATUS_INVALID_PARAMETER);
	return worker_retire(me, p);
}

nt
dir_listening(struct directory *me, struct call *c, const struct dir_listening_req *req,
	      struct dir_listening_rsp *rsp)
{
	char text[ADDR_TEXT];

	(void)c;
	(void)rsp;
	log_info("listening addr=%s", addr_print(&req->addr, text));
	me->n_listening++;
	ready_check(me);
	return STATUS_SUCCESS;
}

/* ---- processes ---- */

static struct peer *
peer_after(struct directory *me, uint64_t after)
{
	struct peer *best = NULL;

	for (struct peer *p = me->peers; p; p = p->next) {
		if (p->id > after && (!best || p->id < best->id))
			best = p;
	}
	return best;
}

/* call: kept. */
static void
look_at(struct directory *me, struct call *call, const struct peer *p)
{
	const struct wire m = { .kind = WIRE_WALLS, .peer = p->id };
	struct look *l	    = xcalloc(1, sizeof *l);

	*l	  = (struct look){ .next = me->looks, .call = call, .peer = p->id };
	me->looks = l;
	wire_post(outpost_wire_of(me, p), &m, NULL, 0);
}

nt
dir_processes(struct directory *me, struct call *c, const struct dir_processes_req *req,
	      struct dir_processes_rsp *rsp)
{
	const struct peer *p = peer_after(me, req->after);

	(void)rsp;
	REQUIRE(p, STATUS_NO_MORE_ENTRIES);
	look_at(me, call_keep(c), p);
	return STATUS_PENDING;
}

static void
look_reply(const struct look *l, const struct peer *p, const struct wire *k)
{
	const struct dir_processes_rsp rsp = {
		.peer = p->id,
		.role = str_of(p->row == ROW_MAX ? "spawner" : peer_role_name(tree[p->row].role)),
		.pid  = p->pid,
		.uid  = k->pid ? k->uid : p->uid,
		.gid  = p->gid,
		.restarts      = p->restarts,
		.started       = p->started,
		.serving       = p->serving || p->row == ROW_MAX,
		.identity      = str_of(p->name),
		.walls	       = p->walls,
		.seccomp       = (uint8_t)k->seccomp,
		.no_new_privs  = k->no_new_privs != 0,
		.cap_effective = k->cap_effective,
		.cap_permitted = k->cap_permitted,
		.net_ns	       = (k->namespaces & WIRE_NS_NET) != 0,
		.mount_ns      = (k->namespaces & WIRE_NS_MOUNT) != 0,
		.user_ns       = (k->namespaces & WIRE_NS_USER) != 0,
		.storage       = str_of(p->storage),
		.silent_ms     = (uint32_t)pulse_owes(&p->pulse, clock_mono_ns()),
		.hung	       = p->row == ROW_MAX ? 0 : p->dir->hung[p->row],
	};

	dir_processes_reply(l->call, STATUS_SUCCESS, &rsp, SPAN_NONE);
}

/* It is gone: the one behind it is meant. */
static void
look_on(struct directory *me, struct look *l)
{
	const struct peer *p = peer_after(me, l->peer);

	if (p)
		look_at(me, l->call, p);
	else
		dir_processes_reply(l->call, STATUS_NO_MORE_ENTRIES, NULL, SPAN_NONE);
}

void
look_answered(struct directory *me, const struct wire *k)
{
	const struct peer *p = peer_find(me, k->peer);
	struct look **at     = &me->looks;
	struct look *l;

	while ((l = *at)) {
		if (l->peer != k->peer) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		if (p)
			look_reply(l, p, k);
		else
			look_on(me, l);
		free(l);
	}
}

/* ---- administration ---- */

nt
dir_reload(struct directory *me, struct call *c, const struct dir_reload_req *req,
	   struct dir_reload_rsp *rsp)
{
	struct wire m = { .kind = WIRE_RELOAD };

	(void)req;
	(void)rsp;
	REQUIRE(!me->reloading, STATUS_RETRY);
	me->reloading = call_keep(c);
	wire_post(&me->wire, &m, NULL, 0);
	return STATUS_PENDING;
}

/* One record a line. */
static void
problems_log(struct directory *me, enum log_level level)
{
	const char *p = me->problems;

	while (*p) {
		size_t n = strcspn(p, "\n");

		log_at(level, "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

/* Problems leave the old configuration in force: the answer is no failure of the request. */
void
reload_answered(struct directory *me, bool good)
{
	const struct dir_reload_rsp rsp = { .problems = str_of(me->problems) };
	const enum log_level level	= good ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR;
	struct call *c			= me->reloading;

	log_at(level, good ? "configuration taken" : "configuration refused, the old one stays");
	problems_log(me, level);
	me->reloading = NULL;
	if (c)
		dir_reload_reply(c, STATUS_SUCCESS, &rsp, SPAN_NONE);
}

nt
dir_shutdown(struct directory *me, struct call *c, const struct dir_shutdown_req *req,
	     struct dir_shutdown_rsp *rsp)
{
	struct wire m = { .kind = WIRE_SHUTDOWN };

	(void)c;
	(void)req;
	(void)rsp;
	wire_post(&me->wire, &m, NULL, 0);
	return STATUS_SUCCESS;
}

nt
dir_log_level(struct directory *me, struct call *c, const struct dir_log_level_req *req,
	      struct dir_log_level_rsp *rsp)
{
	(void)c;
	(void)rsp;
	REQUIRE(req->level < LOG_LEVEL_MAX, STATUS_INVALID_PARAMETER);
	me->log_level = req->level;
	log_set_level((enum log_level)req->level);
	for (struct peer *p = me->peers; p; p = p->next)
		peer_tell_level(me, p);
	return STATUS_SUCCESS;
}

/* Who complains must be the more trusted of the two. */
nt
dir_condemn(struct directory *me, struct call *c, const struct dir_condemn_req *req,
	    struct dir_condemn_rsp *rsp)
{
	const struct peer *p = peer_find(me, req->peer);

	(void)rsp;
	REQUIRE(p && p->row != ROW_MAX, STATUS_NOT_FOUND);
	REQUIRE(peer_rank(link_role(call_link(c))) > peer_rank(tree[p->row].role),
		STATUS_ACCESS_DENIED);
	log_warn("condemned role=%s peer=%llu pid=%u by=%s why=%s",
		 peer_role_name(tree[p->row].role), (unsigned long long)p->id, p->pid,
		 peer_role_name(link_role(call_link(c))), log_q(req->why.s, req->why.n));
	peer_kill(me, p);
	return STATUS_SUCCESS;
}
