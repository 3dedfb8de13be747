/*
 * job.c - calls in hand: begun on a fiber, found by the caller's number, ended
 * with one answer.  A call that only looks is done again after a lost connection.
 */
#include <stdlib.h>

#include "clientd/session/dfs.h"

#define TRIES_MAX 3u

/* What changes nothing on the server, so that nothing is done twice by doing it again. */
static const uint16_t repeatable[] = {
	0x0614, /* client_shares */ 0x0615, /* client_server */ 0x0616, /* client_use */
	0x0621, /* client_stat */   0x0622, /* client_df */	0x062a, /* client_getsd */
};

nt
job_start(struct client *me, struct call *c, struct span body, fiber_fn *fn)
{
	struct job *j = calloc(1, sizeof *j + body.n);
	nt s;

	REQUIRE(j, STATUS_INSUFFICIENT_RESOURCES);
	if (body.n > 0)
		memcpy(j + 1, body.p, body.n);
	j->client = me;
	j->asker  = call_link(c);
	j->body	  = SPAN(j + 1, body.n);
	s	  = fiber_start(me->fibers, fn, j, &j->fiber);
	if (nt_failed(s)) {
		free(j);
		return s;
	}
	j->call = call_keep(c);
	TAILQ_INSERT_TAIL(&me->jobs, j, all);
	return STATUS_SUCCESS;
}

/* Its call has been answered. */
void
job_end(struct job *j)
{
	TAILQ_REMOVE(&j->client->jobs, j, all);
	free(j);
}

/* What is done to a link itself, where the path ends with one. */
static const uint16_t about_links[] = {
	0x0621, /* client_stat */ 0x0624, /* client_rmdir */ 0x0625, /* client_rm */
	0x0626, /* client_mv */
};

static bool
is_one_of(const uint16_t *ids, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* CLIENT_WHERE's fields come first in all of these. */
static bool
has_place(uint16_t id)
{
	return id >= 0x0620 && id <= 0x0630 && id != 0x062e && id != 0x062f;
}

struct place {
	msg_u64 session;
	msg_name share;
	msg_path path;
};
static_assert(offsetof(struct client_watch_req, path) == offsetof(struct place, path) &&
		      offsetof(struct client_ls_req, path) == offsetof(struct place, path) &&
		      offsetof(struct client_put_req, share) == offsetof(struct place, share),
	      "CLIENT_WHERE");

void
job_place(struct job *j, uint16_t msg_id, void *req)
{
	struct place *p = req;

	j->why	   = SPAN_NONE;
	j->settled = false;
	if (!has_place(msg_id))
		return;
	if (j->at.moved)
		*p = (struct place){ j->at.session, str_of(j->at.share), str_of(j->at.path) };
	else
		j->at = j->said_at = (struct job_at){ .session = p->session, .share = p->share.s,
						      .path = p->path.s };
}

nt
at_follow(struct job *j, struct job_at *at, bool itself, nt status)
{
	switch (status.code) {
	case NT_PATH_NOT_COVERED:
		return dfs_follow(j, at, REFERRAL_LINK);
	case NT_BAD_NETWORK_NAME:
		return dfs_follow(j, at, REFERRAL_ROOT);
	case NT_STOPPED_ON_SYMLINK:
		return link_follow(j, at, itself);
	default:
		return STATUS_NOT_SUPPORTED;
	}
}

bool
job_moves(struct job *j, uint16_t msg_id, nt status)
{
	if (!has_place(msg_id) || j->settled)
		return false;
	status = at_follow(j, &j->at, is_one_of(about_links, NELEM(about_links), msg_id), status);
	j->at.moved |= !nt_failed(status);
	return !nt_failed(status);
}

/* client_get, client_put: their descriptor does, so they see for themselves where they must go. */
static bool
comes_once(uint16_t id)
{
	return id == 0x062c || id == 0x062d;
}

bool
job_again(struct job *j, uint16_t msg_id, nt status)
{
	struct session *s = j->session ? session_find(j->client, j->session) : NULL;
	bool may;

	if (j->call && !comes_once(msg_id) && job_moves(j, msg_id, status))
		return true;
	if (!j->call || !s || ++j->tries >= TRIES_MAX)
		return false;
	if (nt_is(status, STATUS_NETWORK_SESSION_EXPIRED))	/* the server looked at the id only */
		return !nt_failed(session_again(s));
	may = (s->flags & CLIENT_RECONNECT) != 0;
	switch (status.code) {
	case NT_NETWORK_NAME_DELETED:	/* nor was this done */
		if (!may)
			return false;
		session_cut(s, status);
		return true;
	case NT_USER_SESSION_DELETED:
	case NT_CONNECTION_RESET:
		may |= conn_is_open(conn_alive(s->conn));	/* another channel */
		return may && !s->closed && is_one_of(repeatable, NELEM(repeatable), msg_id);
	default:
		return false;
	}
}

struct job *
job_find(struct client *me, uint64_t number)
{
	struct job *j;

	TAILQ_FOREACH(j, &me->jobs, all)
		if (j->number == number)
			return number != 0 ? j : NULL;
	return NULL;
}

nt
job_number(struct job *j, uint64_t number)
{
	struct job *other = job_find(j->client, number);

	REQUIRE(!other || other == j, STATUS_OBJECT_NAME_COLLISION);
	j->number = number;
	return STATUS_SUCCESS;
}

/* Nobody is left to be answered. */
void
jobs_cancel_of(struct client *me, const struct link *asker)
{
	struct job *j;

	TAILQ_FOREACH(j, &me->jobs, all)
		if (!asker || j->asker == asker)
			fiber_cancel(j->fiber);
}

nt
client_progress(struct client *me, struct job *j, const struct client_progress_req *req,
		struct client_progress_rsp *rsp)
{
	struct job *other = job_find(me, req->job);

	(void)j;
	REQUIRE(other, STATUS_NOT_FOUND);
	*rsp = other->progress;
	return STATUS_SUCCESS;
}

nt
client_cancel(struct client *me, struct job *j, const struct client_cancel_req *req,
	      struct client_cancel_rsp *rsp)
{
	struct job *other = job_find(me, req->job);

	(void)j;
	(void)rsp;
	REQUIRE(other, STATUS_NOT_FOUND);
	fiber_cancel(other->fiber);
	return STATUS_SUCCESS;
}
