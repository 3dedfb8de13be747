/*
 * needs.c - processes that start when first asked for, and descriptors on their
 * way to a session process.
 *
 * A server whose scripts never connect to another has neither a dialer nor a
 * keeper of credentials; once started they are restarted like all.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"
#include "broker/directory/directory.h"
#include "ipc/msg/client.msg.h"

#define GIVE_MS 5000u

/* A dir_need that waits. */
struct need {
	struct need *next;
	struct call *call;
	enum tree_row_no row;
};

/* ---- starting ---- */

static void
row_ask(struct directory *me, enum tree_row_no row)
{
	struct wire_end *w = outpost_wire(me, row);
	struct wire m	   = { .kind = WIRE_SPAWN, .row = row };

	if (w && !peer_row(me, row) && tree_runs(row, me->kind, me->wanted) == TREE_WHEN_ASKED)
		wire_post(w, &m, NULL, 0);
}

void
need_start(struct directory *me, enum tree_row_no who)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (tree_meets(who) & 1u << tree[row].role && !(tree[row].flags & TREE_MANY))
			row_ask(me, row);
	}
}

/* ---- waiting ---- */

/* It serves, and whoever connects to it has done so. */
static bool
row_met(struct directory *me, enum tree_row_no row)
{
	const struct peer *p = peer_row(me, row);

	if (!p || !p->serving)
		return false;
	for (const struct peer *o = me->peers; o; o = o->next) {
		if (o->row != ROW_MAX && o->serving && !(tree[o->row].flags & TREE_MANY) &&
		    tree_connects(o->row, row) && !meet_done(me, o, row))
			return false;
	}
	return true;
}

void
needs_check(struct directory *me)
{
	struct need **at = &me->needs;
	struct need *n;

	while ((n = *at)) {
		if (!row_met(me, n->row)) {
			at = &n->next;
			continue;
		}
		*at = n->next;
		dir_need_reply(n->call, STATUS_SUCCESS, NULL, SPAN_NONE);
		free(n);
	}
}

nt
dir_need(struct directory *me, struct call *c, const struct dir_need_req *req,
	 struct dir_need_rsp *rsp)
{
	enum tree_row_no row = tree_find((enum peer_role)req->role);
	struct need *n;

	(void)rsp;
	REQUIRE(row < ROW_MAX && !(tree[row].flags & TREE_MANY), STATUS_INVALID_PARAMETER);
	REQUIRE(tree_runs(row, me->kind, me->wanted) != TREE_NEVER, STATUS_NOT_SUPPORTED);
	if (row_met(me, row))
		return STATUS_SUCCESS;
	row_ask(me, row);
	n	  = xcalloc(1, sizeof *n);
	*n	  = (struct need){ .next = me->needs, .call = call_keep(c), .row = row };
	me->needs = n;
	return STATUS_PENDING;
}

/* ---- a caller's descriptor ---- */

static void
given(void *ctx, nt status, const struct session_give_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	dir_pass_reply(ctx, status, NULL, SPAN_NONE);
}

/* Takes fd. */
static nt
give(const struct peer *p, struct call *c, const struct id16 *token, int fd)
{
	const struct session_give_req give = { .token = *token };
	const struct call_opt opt	   = { .timeout_ms = GIVE_MS, .fd = fd, .has_fd = true };
	struct call *kept		   = call_keep(c);
	nt s				   = session_give_call(p->link, &give, &opt, given, kept);

	close(fd);
	if (nt_failed(s))
		dir_pass_reply(kept, s, NULL, SPAN_NONE);
	return STATUS_PENDING;
}

nt
dir_pass(struct directory *me, struct call *c, const struct dir_pass_req *req,
	 struct dir_pass_rsp *rsp)
{
	const struct peer *p = peer_find(me, req->peer);
	int fd;

	(void)rsp;
	REQUIRE(p && p->row == ROW_SESSION && p->link, STATUS_NOT_FOUND);
	fd = call_take_fd(c);
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	return give(p, c, &req->token, fd);
}
