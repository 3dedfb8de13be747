/*
 * cmd_move.c - client.get and client.put: a whole file between the server and the
 * caller.  After a lost connection it goes on from what was acknowledged.
 * [MS-SMB2] 3.2.4.6, 3.2.4.7
 */
#include "clientd/session/cache.h"
#include "clientd/session/move.h"

#define RESUMES_MAX 16u

static bool
is_small(const struct move *mv)
{
	if (mv->offset > 0 || mv->length > 0 || mv->opened || (mv->flags & MOVE_RESUME))
		return false;
	if (!mv->put)
		return true;
	return local_repeats(&mv->local) && mv->local.size <= SMALL_MAX;
}

static nt
move_try(struct move *mv)
{
	struct where w CLEANUP(where_end) = { 0 };
	bool whole			  = false;

	TRY(where_find(mv->job, mv->session, mv->share, &w));
	if (is_small(mv) && mv->put)
		return small_put(mv, &w);
	if (is_small(mv))
		TRY(small_get(mv, &w, &whole));
	if (whole)
		return STATUS_SUCCESS;
	if (!mv->put && local_is_memory(&mv->local) && mv->size > LOCAL_MEMORY_MAX && mv->length == 0)
		return STATUS_FILE_TOO_LARGE;
	cache_forget(mv->job->client, mv->path);	/* a durable handle wants to be the only one */
	return move_once(mv, &w);
}

/* Is it worth going on?  The source of a put must be able to give bytes twice. */
static bool
move_may_resume(const struct move *mv, nt status)
{
	struct session *s = session_find(mv->job->client, mv->session);

	if (!s || mv->resumed >= RESUMES_MAX)
		return false;
	if (mv->put && !local_repeats(&mv->local))
		return false;
	if ((mv->flags & MOVE_NEW) && !mv->opened)
		return false;	/* was it ours that made the file, or another's? */
	if (nt_is(status, STATUS_NETWORK_SESSION_EXPIRED))
		return !nt_failed(session_again(s));
	if (!(s->flags & CLIENT_RECONNECT) || s->adopted)
		return false;
	switch (status.code) {
	case NT_NETWORK_NAME_DELETED:
	case NT_FILE_CLOSED:
		session_cut(s, status);
		return true;
	case NT_CONNECTION_RESET:
	case NT_USER_SESSION_DELETED:
	case NT_IO_TIMEOUT:
		return true;
	default:
		return false;
	}
}

/* Here, not by doing the call again: its descriptor comes once. */
static bool
move_goes_elsewhere(struct move *mv, nt status)
{
	struct job *j = mv->job;

	if (!j->call || !job_moves(j, mv->put ? client_put_desc.id : client_get_desc.id, status))
		return false;
	mv->begun   = mv->opened;
	mv->session = j->at.session;
	mv->share   = j->at.share;
	mv->path    = j->at.path;
	return true;
}

/* A pipe cannot: its bytes are gone, and what was there stays. */
static bool
move_in_place(struct move *mv)
{
	if (!mv->refused || !local_repeats(&mv->local) || nt_failed(fiber_check()))
		return false;
	mv->refused = mv->opened = mv->durable = false;
	mv->done    = mv->offset;
	local_rewind(&mv->local);
	return true;
}

static nt
move_run(struct move *mv)
{
	nt s;

	mv->t		= fiber_alloc(sizeof *mv->t);
	mv->done	= mv->offset;
	do {
		s = move_try(mv);
		if (nt_failed(s) && (move_goes_elsewhere(mv, s) || move_in_place(mv)))
			continue;
		if (!nt_failed(s) || !move_may_resume(mv, s))
			return s;
		mv->job->progress.resumed = ++mv->resumed;
	} while (nt_ok(fiber_check()));
	return STATUS_CANCELLED;
}

static void
move_tell(struct move *mv, struct client_get_rsp *rsp)
{
	rsp->bytes     = mv->done - mv->offset;
	rsp->size      = mv->size;
	rsp->written   = mv->written;
	rsp->in_flight = mv->job->progress.in_flight;
	rsp->resumed   = mv->resumed;
	rsp->in_place  = mv->put && !mv->beside;
	rsp->hash      = local_hash(&mv->local);
	if (!mv->put && local_is_memory(&mv->local))
		mv->job->data = SPAN(mv->local.mem, mv->local.mem_n);
}

/* After a failure.  Only over a connection that is there: nothing waits. */
static void
move_undo(struct move *mv)
{
	struct session *s = session_find(mv->job->client, mv->session);
	struct where w CLEANUP(where_end) = { 0 };

	if (mv->beside && s && conn_is_open(conn_alive(s->conn)) &&
	    !nt_failed(where_of(s, mv->share, &w)))
		whole_undo(mv, &w);
}

static void
move_end_p(struct move *mv)
{
	local_close(&mv->local);
}

static nt
move_call(struct job *j, const struct client_get_req *req, bool put, struct client_get_rsp *rsp)
{
	struct move mv __attribute__((cleanup(move_end_p))) = {
		.job = j, .session = req->session, .share = req->share.s, .path = req->path.s,
		.offset = req->offset, .length = req->length, .flags = req->flags, .put = put };
	nt s;

	REQUIRE(!(mv.flags & ~(MOVE_HASH | MOVE_NEW | MOVE_RESUME | MOVE_DURABLE |
			      MOVE_WHOLE)),
		STATUS_INVALID_PARAMETER);
	REQUIRE(!(mv.flags & MOVE_WHOLE) ||
			(put && mv.offset == 0 && mv.length == 0 &&
			 !(mv.flags & (MOVE_NEW | MOVE_RESUME))),
		STATUS_INVALID_PARAMETER);
	TRY(job_number(j, req->job));
	TRY(local_open(j, req, &mv.local));
	s = move_run(&mv);
	if (!nt_failed(s) && !put)
		s = local_settle(&mv.local);
	if (nt_failed(s))
		move_undo(&mv);
	TRY(s);
	move_tell(&mv, rsp);
	return STATUS_SUCCESS;
}

nt
client_get(struct client *me, struct job *j, const struct client_get_req *req,
	   struct client_get_rsp *rsp)
{
	(void)me;
	return move_call(j, req, false, rsp);
}

static_assert(sizeof(struct client_get_req) == sizeof(struct client_put_req), "the same row");
static_assert(sizeof(struct client_get_rsp) == sizeof(struct client_put_rsp), "the same row");

nt
client_put(struct client *me, struct job *j, const struct client_put_req *req,
	   struct client_put_rsp *rsp)
{
	struct client_get_req as;
	struct client_get_rsp answer = { 0 };

	(void)me;
	memcpy(&as, req, sizeof as);
	TRY(move_call(j, &as, true, &answer));
	memcpy(rsp, &answer, sizeof *rsp);
	return STATUS_SUCCESS;
}
