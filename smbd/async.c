/*
 * async.c - what is not answered at once: interim answers after a while, and
 * CANCEL.  Requests wait in two lists by patience, oldest first, so pacing
 * costs the hot path two pointers and no timer.  [MS-SMB2] 3.3.4.2, 3.3.5.16
 */
#include "base/log.h"
#include "proto/smb2/error.h"
#include "smbd/rq.h"

static const uint32_t pace_ms[2] = { PACE_QUICK_MS, PACE_SLOW_MS };

static void
pace_arm(struct worker *w, unsigned kind, void (*fn)(void *))
{
	struct rq *rq = TAILQ_FIRST(&w->pace[kind]);
	uint64_t age;

	if (!rq || w->pace_timer[kind].slot != 0)
		return;
	age = (loop_now(w->smbd->loop) - rq->since) / 1000000;
	loop_timer_set(w->smbd->loop, &w->pace_timer[kind],
	    age >= pace_ms[kind] ? 0 : pace_ms[kind] - age, fn, w);
}

static void
pace_run(struct worker *w, unsigned kind, void (*fn)(void *))
{
	uint64_t now = loop_now(w->smbd->loop);
	struct rq *rq;

	while ((rq = TAILQ_FIRST(&w->pace[kind])) &&
	       now - rq->since >= pace_ms[kind] * UINT64_C(1000000))
		rq_interim(rq);
	pace_arm(w, kind, fn);
}

static void
pace_quick(void *ctx)
{
	pace_run(ctx, RQ_PACE_QUICK, pace_quick);
}

static void
pace_slow(void *ctx)
{
	pace_run(ctx, RQ_PACE_SLOW, pace_slow);
}

void
rq_pace(struct rq *rq)
{
	struct worker *w = rq_worker(rq);

	if (rq->async_id != 0 || rq->pace != RQ_PACE_NONE || rq->cmd->pace == RQ_PACE_NONE)
		return;
	rq->pace  = rq->cmd->pace;
	rq->since = loop_now(w->smbd->loop);
	TAILQ_INSERT_TAIL(&w->pace[rq->pace], rq, of_pace);
	pace_arm(w, rq->pace, rq->pace == RQ_PACE_QUICK ? pace_quick : pace_slow);
}

void
rq_unpace(struct rq *rq)
{
	if (rq->pace == RQ_PACE_NONE)
		return;
	TAILQ_REMOVE(&rq_worker(rq)->pace[rq->pace], rq, of_pace);
	rq->pace = RQ_PACE_NONE;
}

/* Gives rq a frame of its own.  In the old one is, instead of it, the request returned: an answer. */
static struct rq *
rq_split(struct rq *rq)
{
	struct frame *old  = rq->frame;
	struct frame *own  = frame_new(old->conn);
	struct rq **at     = &old->first, *note;

	own->sealed    = old->sealed;
	own->looked    = old->looked;
	own->traced    = old->traced;
	own->seal_chan = old->seal_chan ? chan_hold(old->seal_chan) : NULL;
	while (*at != rq)
		at = &(*at)->next;
	*at       = NULL;
	old->last = NULL;
	for (struct rq *i = old->first; i; i = i->next)
		old->last = i;
	if (rq->in_chain) {
		rq->in_chain = false;
		old->in_fsd--;
	}
	old->left--;
	own->first = own->last = rq;
	own->left              = 1;
	rq->frame              = own;
	note                   = rq_new(old);
	note->hdr              = rq->hdr;
	note->cmd              = rq->cmd;
	note->chan             = rq->chan ? chan_hold(rq->chan) : NULL;
	note->tree_id          = rq->tree_id;
	note->async_id         = rq->async_id;
	note->handled          = rq->handled;
	note->must_sign        = rq->must_sign;
	note->must_seal        = rq->must_seal;
	note->no_sign          = rq->no_sign;
	return note;
}

/* Only the last of a compound may go on alone: the others' answers wait for it. */
void
rq_interim(struct rq *rq)
{
	struct frame *f = rq->frame;
	struct conn *c  = f->conn;

	rq_unpace(rq);
	if (rq->async_id != 0 || rq->done || f->walking || f->last != rq)
		return;
	if (smb2_chain_more(&f->more) || !conn_is_open(c) || c->n_async >= CONN_ASYNC_MAX)
		return;
	rq->async_id = ++c->worker->next_async;
	c->n_async++;
	rq_fail(rq_split(rq), STATUS_PENDING);
}

static bool
rq_is_meant(const struct rq *rq, const struct smb2_hdr *cancel)
{
	if (rq->done || rq->cancelled)
		return false;
	if (smb2_hdr_is_async(cancel))
		return rq->async_id != 0 && rq->async_id == cancel->async_id;
	return rq->hdr.message_id == cancel->message_id;
}

static void
cancel_done(void *ctx, nt status, const struct fsd_cancel_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;	/* not found: it was answered meanwhile */
	(void)rsp;
	(void)data;
}

static void
fsd_let_go(const struct rq *rq)
{
	struct fsd_cancel_req req = { .call = rq->call_id };

	if (nt_failed(fsd_cancel_call(rq->asked, &req, NULL, cancel_done, NULL)))
		log_warn("a cancellation could not be sent");
}

struct rq *
rq_cut(struct rq *rq)
{
	struct frame *f = rq->frame;
	struct rq *answer;

	fsd_let_go(rq);
	rq->cancelled = true;
	if (f->walking || f->last != rq || smb2_chain_more(&f->more) ||
	    f->conn->n_late >= CONN_LATE_MAX)
		return NULL;
	rq_unpace(rq);
	answer       = rq_split(rq);
	answer->hook = rq->hook;
	rq->hook     = NULL;
	rq->late     = true;
	f->conn->n_late++;
	return answer;
}

/*
 * 3.3.5.16.  Behind a CANCEL nothing is answered before what it cancelled, where the client knows
 * that this waits.  Of what it does not know yet fsd has the last word: it may be answered already.
 */
static void
rq_cancel_one(struct rq *rq)
{
	struct rq *answer;

	rq->cancelled = true;
	if (rq->cmd->cancel) {
		rq->cmd->cancel(rq);
	} else if (rq->asked && link_role(rq->asked) == PEER_FSD) {
		if (!rq->cmd->cut || rq->async_id == 0)
			fsd_let_go(rq);
		else if ((answer = rq_cut(rq)))
			rq_fail(answer, STATUS_CANCELLED);
	}
}

void
rq_cancel(struct conn *c, const struct smb2_hdr *cancel)
{
	struct frame *f;

	TAILQ_FOREACH(f, &c->frames, of_conn) {
		for (struct rq *rq = f->first; rq; rq = rq->next) {
			if (rq_is_meant(rq, cancel)) {
				rq_cancel_one(rq);
				return;
			}
		}
	}
}
