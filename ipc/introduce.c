/*
 * introduce.c - how the directory makes us known to others: whom to expect, whom to
 * connect to, which descriptors are shared, who is dead.
 *
 * All of it is idempotent for one peer id: a restarted directory introduces
 * everybody again.  What else it tells us is in orders.c.
 */
#include "ipc/internal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "ipc/msg/link.msg.h"

#define MSG_ME struct node
LINK_MESSAGES(MSG_SERVE)

const struct ipc_method intro_methods[] = { LINK_MESSAGES(MSG_ROW) };
const size_t n_intro_methods            = NELEM(intro_methods);

/* The link of this peer, new if it has not been heard of. */
static struct link *
intro_link(struct node *node, uint64_t peer, uint8_t role, uint32_t uid, uint32_t pid)
{
	struct link *l = node_find(node, peer);

	if (l) {
		l->unsure = false;
		return l;
	}
	ENSURE(role > PEER_NONE && role < PEER_MAX);
	return link_new(node, peer, (enum peer_role)role, uid, pid);
}

/* A peer id has one key for good. */
static void
intro_key(struct link *l, const struct key32 *key)
{
	if (l->lane == LANE_NONE && !key_is_set(&l->key))
		l->key = *key;
}

nt
link_expect(struct node *node, struct call *c, const struct link_expect_req *req,
    struct link_expect_rsp *rsp)
{
	(void)c;
	(void)rsp;
	intro_key(intro_link(node, req->peer, req->role, req->uid, req->pid), &req->key);
	return STATUS_SUCCESS;
}

static void
greeted(void *ctx, nt status, const struct link_hello_rsp *rsp, struct span data)
{
	static const struct link_connect_rsp connected;
	struct link *l        = ctx;
	struct call *greeting = l->greeting;

	(void)rsp;
	(void)data;
	l->greeting = NULL;
	if (!nt_failed(status))
		link_up(l, true);
	if (greeting)
		link_connect_reply(greeting, status, &connected, SPAN_NONE);
	if (nt_failed(status))
		link_down(l);
}

nt
link_connect(struct node *node, struct call *c, const struct link_connect_req *req,
    struct link_connect_rsp *rsp)
{
	static const struct link_hello_req hello;
	struct call_opt opt = { .timeout_ms = IPC_INTRO_MS };
	struct link *l      = intro_link(node, req->peer, req->role, req->uid, req->pid);
	nt s;

	(void)rsp;
	REQUIRE(req->storage.n <= STORAGE_BOUND, STATUS_INVALID_PARAMETER);
	memcpy(l->storage, req->storage.s, req->storage.n + 1);
	REQUIRE(l->state != LINK_UP, STATUS_SUCCESS);
	REQUIRE(!l->greeting && l->lane == LANE_NONE, STATUS_RETRY);
	intro_key(l, &req->key);
	s = dealer_open(l, req->endpoint.s);
	if (!nt_failed(s))
		s = link_hello_call(l, &hello, &opt, greeted, l);
	if (nt_failed(s)) {
		link_down(l);
		return s;
	}
	l->greeting = call_keep(c);
	return STATUS_PENDING;
}

/*
 * A peer on another host has lost its connection and comes again: all that it had with us over the
 * old one is over, whichever of us has noticed.  The answer goes the new way.
 */
static void
link_anew(struct call *c)
{
	struct link *old   = c->link;
	struct link *fresh = link_new(old->node, old->peer, old->role, old->uid, old->pid);

	fresh->key        = old->key;
	fresh->lane       = old->lane;
	fresh->connection = old->connection;
	fresh->rid_n      = old->rid_n;
	memcpy(fresh->rid, old->rid, old->rid_n);
	old->returns = true;
	link_down(old);
	c->link = fresh;
}

nt
link_hello(struct node *node, struct call *c, const struct link_hello_req *req,
    struct link_hello_rsp *rsp)
{
	const struct link *l = call_link(c);

	(void)node;
	(void)req;
	(void)rsp;
	if (l->state == LINK_UP && key_is_set(&l->key))
		link_anew(c);
	link_up(call_link(c), true);
	return STATUS_SUCCESS;
}

nt
link_channel(struct node *node, struct call *c, const struct link_channel_req *req,
    struct link_channel_rsp *rsp)
{
	int fd         = call_take_fd(c);
	struct link *l = intro_link(node, req->peer, req->role, req->uid, req->pid);

	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	if (l->lane != LANE_NONE) {	/* known already */
		close(fd);
		return STATUS_SUCCESS;
	}
	channel_open(l, fd);
	link_up(l, true);
	return STATUS_SUCCESS;
}

nt
link_gone(struct node *node, struct call *c, const struct link_gone_req *req,
    struct link_gone_rsp *rsp)
{
	(void)c;
	(void)rsp;
	node_forget(node, req->peer);
	return STATUS_SUCCESS;
}

/* ---- shared memory ---- */

/* The kernel's number of this memory; 0 if there is none. */
static uint64_t
memory_number(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

nt
link_share_arena(struct node *node, struct call *c, const struct link_share_arena_req *req,
    struct link_share_arena_rsp *rsp)
{
	int fd         = call_take_fd(c);
	struct link *l = node_find(node, req->peer);
	uint64_t ino   = memory_number(fd);

	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	if (!l || l->arena) {	/* gone meanwhile, or known already */
		close(fd);
	} else {
		TRY(arena_map(fd, req->slots, &l->arena));
		l->arena_ino = ino;
	}
	rsp->memory = l ? l->arena_ino : 0;
	return STATUS_SUCCESS;
}

nt
link_share_ring(struct node *node, struct call *c, const struct link_share_ring_req *req,
    struct link_share_ring_rsp *rsp)
{
	struct link *l = node_find(node, req->peer);
	int memfd      = call_take_fd(c);
	int bell_in    = call_take_fd(c);
	int bell_out   = call_take_fd(c);
	uint64_t ino   = memory_number(memfd);
	struct ring *ring;

	REQUIRE(bell_out >= 0, STATUS_INVALID_PARAMETER);
	if (!l || l->ring) {	/* gone meanwhile, or known already */
		close(memfd);
		close(bell_in);
		close(bell_out);
	} else {
		TRY(ring_map(memfd, bell_in, bell_out, req->side, &ring));
		lane_ring_open(l, ring);
		l->ring_ino = ino;
	}
	rsp->memory = l ? l->ring_ino : 0;
	return STATUS_SUCCESS;
}
