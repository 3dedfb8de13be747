/*
 * fsds.c - what every fsd is told of sessions: our own, and those of storages.
 *
 * What our own answers decides.  A storage is waited for, but not for long, and
 * decides nothing: it may be away, and is given all grants again when it comes.
 * One that has once not answered in time is not waited for until it does.  What
 * it hears late it hears in order, so that no grant outlives its end.
 */
#include <stdlib.h>

#include "authd/store/store.h"
#include "base/fatal.h"
#include "base/log.h"

#define STORAGE_MS  1000u /* that a logon waits for a storage */
#define RENEW_MS    10000u
#define RENEW_BURST 512u /* grants on their way to one fsd */

struct telling {
	struct store *store;
	uint64_t peer;
	bool storage;
	fsds_step *step; /* NULL: nobody waits */
	void *ctx;
};

bool
fsds_own_there(const struct store *s)
{
	struct link *l = NULL;

	while ((l = node_next(s->node, l)))
		if (link_role(l) == PEER_FSD && link_storage(l)[0] == '\0')
			return true;
	return !s->conf.own_shares;
}

/* ---- one message to all ---- */

/* A mark on its link. */
static void
slow_set(const struct telling *t, bool slow)
{
	struct link *l = node_find(t->store->node, t->peer);

	if (!l || (link_ctx(l) != NULL) == slow)
		return;
	link_set_ctx(l, slow ? t->store : NULL);
	log_warn(slow ? "a storage does not answer storage=%s" : "a storage answers again storage=%s",
		 log_qs(link_storage(l)));
}

static void
told(struct telling *t, nt status)
{
	bool late = t->storage && nt_is(status, STATUS_IO_TIMEOUT);

	if (late)
		slow_set(t, true);
	else if (t->storage && nt_failed(status) && !nt_is(status, STATUS_CONNECTION_RESET))
		log_warn("a storage refuses a grant status=%s", nt_name(status));
	if (t->step)
		t->step(t->ctx, t->storage ? STATUS_SUCCESS : status);
	t->step = NULL;
	if (!late)
		free(t);
}

static void
told_late(void *ctx)
{
	struct telling *t = ctx;

	slow_set(t, false);
	free(t);
}

static struct telling *
telling_new(struct store *s, const struct link *l, fsds_step *step, void *ctx)
{
	struct telling *t = xcalloc(1, sizeof *t);

	*t = (struct telling){ .store	= s,
			       .peer	= link_peer(l),
			       .storage = link_storage(l)[0] != '\0',
			       .step	= step,
			       .ctx	= ctx };
	if (t->storage && link_ctx(l))
		t->step = NULL;
	return t;
}

static struct call_opt
telling_opt(const struct telling *t, uint32_t ms)
{
	if (t->storage)
		return (struct call_opt){ .timeout_ms = STORAGE_MS, .late = told_late };
	return (struct call_opt){ .timeout_ms = ms };
}

static void
grant_told(void *ctx, nt status, const struct fsd_grant_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	told(ctx, status);
}

static void
end_told(void *ctx, nt status, const struct fsd_grant_end_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	told(ctx, status);
}

/* One of the two. */
static void
tell(struct telling *t, struct link *l, const struct fsd_grant_req *grant,
     const struct fsd_grant_end_req *end, uint32_t ms)
{
	const struct call_opt opt = telling_opt(t, ms);
	nt status		  = grant ? fsd_grant_call(l, grant, &opt, grant_told, t)
					  : fsd_grant_end_call(l, end, &opt, end_told, t);

	if (nt_failed(status))
		told(t, status);
}

static void
tell_all(struct store *s, const struct fsd_grant_req *grant, const struct fsd_grant_end_req *end,
	 const struct fsds_waiter *w)
{
	struct telling *t;
	struct link *l = NULL;

	while ((l = node_next(s->node, l))) {
		if (link_role(l) != PEER_FSD)
			continue;
		t = telling_new(s, l, w->step, w->ctx);
		*w->pending += t->step != NULL;
		tell(t, l, grant, end, w->ms);
	}
}

void
fsds_grant(struct store *s, const struct fsd_grant_req *grant, const struct fsds_waiter *w)
{
	tell_all(s, grant, NULL, w);
}

void
fsds_grant_end(struct store *s, const struct id16 *grant, const struct fsds_waiter *w)
{
	const struct fsd_grant_end_req end = { .grant = *grant };

	tell_all(s, NULL, &end, w);
}

/* ---- all grants to one that knows none ---- */

struct renewal {
	struct store *store;
	uint64_t peer, next;
	uint32_t sent;
	bool over;
};

static void renewal_go(struct renewal *);

static void
renewed(void *ctx, nt status, const struct fsd_grant_rsp *rsp, struct span data)
{
	struct renewal *r = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("fsd did not take a grant again status=%s", nt_name(status));
	r->over = r->over || nt_is(status, STATUS_CONNECTION_RESET);
	r->sent--;
	renewal_go(r);
}

static void
renewal_go(struct renewal *r)
{
	const struct call_opt opt = { .timeout_ms = RENEW_MS };
	struct link *l		  = node_find(r->store->node, r->peer);
	struct session session;

	while (l && !r->over && r->sent < RENEW_BURST) {
		r->over = !nt_ok(registry_next(r->store->sessions, r->next, &session)) ||
			  nt_failed(fsd_grant_call(l, &session.grant, &opt, renewed, r));
		if (r->over)
			break;
		r->next = session.row.session;
		r->sent++;
	}
	if (r->sent == 0)
		free(r);
}

void
grants_renew(struct store *s, struct link *fsd)
{
	struct renewal *r = xcalloc(1, sizeof *r);

	*r = (struct renewal){ .store = s, .peer = link_peer(fsd) };
	renewal_go(r);
}
