/*
 * teardown.c - sessions end: the worker and fsd are told, and only when both
 * have confirmed does the session leave the registry.  A process that is gone
 * has nothing left to close, so its silence counts as confirmation.
 */
#include <stdlib.h>

#include "authd/store/store.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"
#include "ipc/msg/smbd.msg.h"

#define CONFIRM_MS 10000u

struct teardown {
	LIST_ENTRY(teardown) all;
	struct store *store;
	uint64_t id;
	unsigned pending;
	nt status;
	teardown_done *done;
	void *ctx;
};

static void
teardown_step(struct teardown *t, nt status)
{
	if (nt_is(status, STATUS_IO_TIMEOUT))
		t->status = status;
	if (--t->pending > 0)
		return;
	if (nt_ok(t->status))
		registry_drop(t->store->sessions, t->id);
	else
		log_warn("session not confirmed as closed session=%016llx",
			 (unsigned long long)t->id);
	LIST_REMOVE(t, all);
	if (t->done)
		t->done(t->ctx, t->status);
	free(t);
}

bool
session_is_closing(const struct store *s, uint64_t id)
{
	const struct teardown *t;

	LIST_FOREACH(t, &s->teardowns, all)
		if (t->id == id)
			return true;
	return false;
}

static void
worker_confirmed(void *ctx, nt status, const struct worker_session_end_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	teardown_step(ctx, status);
}

static void
fsd_confirmed(void *ctx, nt status)
{
	teardown_step(ctx, status);
}

static void
worker_tell(struct teardown *t, uint64_t worker)
{
	const struct worker_session_end_req req = { .session = t->id };
	const struct call_opt opt		= { .timeout_ms = CONFIRM_MS };
	struct link *link			= node_find(t->store->node, worker);

	if (link && nt_ok(worker_session_end_call(link, &req, &opt, worker_confirmed, t)))
		t->pending++;
}

void
session_close(struct store *s, uint64_t id, teardown_done *done, void *ctx)
{
	struct session session;
	struct teardown *t;

	if (nt_failed(registry_find(s->sessions, id, &session))) {
		registry_drop(s->sessions, id);
		if (done)
			done(ctx, STATUS_SUCCESS);
		return;
	}
	t  = xcalloc(1, sizeof *t);
	*t = (struct teardown){ .store = s, .id = id, .pending = 1, .done = done, .ctx = ctx };
	LIST_INSERT_HEAD(&s->teardowns, t, all);
	worker_tell(t, session.row.worker);
	fsds_grant_end(s, &session.grant.grant,
		       &(struct fsds_waiter){ fsd_confirmed, t, &t->pending, CONFIRM_MS });
	teardown_step(t, STATUS_SUCCESS);
}

void
sessions_close_user(struct store *s, const char *user)
{
	struct session session;

	for (uint64_t id = 0; nt_ok(registry_next(s->sessions, id, &session));
	     id		 = session.row.session)
		 if (session.row.flags == 0 && session.grant.logon.n == 0 &&
		     utf8_casecmp(session.row.user.s, user) == 0)
			 session_close(s, session.row.session, NULL, NULL);
}

void
sessions_close_worker(struct store *s, uint64_t worker)
{
	struct session session;

	for (uint64_t id = 0; nt_ok(registry_next(s->sessions, id, &session));
	     id		 = session.row.session)
		 if (session.row.worker == worker)
			 session_close(s, session.row.session, NULL, NULL);
}

void
sessions_sweep(void *store)
{
	struct store *s = store;
	struct session session;

	for (uint64_t id = 0; nt_ok(registry_next(s->sessions, id, &session));
	     id		 = session.row.session)
		 if (!node_find(s->node, session.row.worker))
			 session_close(s, session.row.session, NULL, NULL);
}
