/*
 * frame.c - requests and the frames that they came in: from pools, so the hot path
 * allocates nothing.
 */
#include <stdlib.h>

#include "base/fatal.h"
#include "smbd/hook.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"
#include "smbd/setup.h"

struct frame *
frame_new(struct conn *c)
{
	struct worker *w = c->worker;
	struct frame *f  = w->free_frames;

	if (f)
		w->free_frames = f->next_free;
	else
		f = xcalloc(1, sizeof *f);
	memset(f, 0, sizeof *f);
	f->conn = c;
	conn_hold(c);
	TAILQ_INSERT_TAIL(&c->frames, f, of_conn);
	return f;
}

struct rq *
rq_new(struct frame *f)
{
	struct worker *w = f->conn->worker;
	struct rq *rq    = w->free_rqs;

	if (rq) {
		w->free_rqs = rq->next;
		w->n_free--;
	} else {
		rq = xcalloc(1, sizeof *rq);
	}
	memset(rq, 0, offsetof(struct rq, out));
	rq->frame = f;
	rq->pace  = RQ_PACE_NONE;
	if (f->last)
		f->last->next = rq;
	else
		f->first = rq;
	f->last = rq;
	f->left++;
	return rq;
}

static void
rq_free(struct worker *w, struct rq *rq)
{
	ENSURE(!rq->asked);
	rq_unpace(rq);
	if (rq->starved)
		rq_starve(rq, false);
	if (rq->pipe)
		rq->pipe->reader = NULL;
	if (rq->setup)
		setup_answered(rq, SPAN_NONE);
	if (rq->hook)
		hook_rq_drop(rq->hook);
	bulk_free(w, &rq->bulk);
	free(rq->big);
	storage_release(rq->at);
	if (rq->chan)
		chan_release(rq->chan);
	if (w->n_free >= RQ_POOL_MAX) {
		free(rq);
		return;
	}
	rq->next    = w->free_rqs;
	w->free_rqs = rq;
	w->n_free++;
}

void
frame_drop(struct frame *f)
{
	struct worker *w = f->conn->worker;
	struct conn *c   = f->conn;
	struct rq *rq;

	while ((rq = f->first)) {
		f->first = rq->next;
		rq_free(w, rq);
	}
	bulk_free(w, &f->bulk);
	free(f->copy);
	if (f->from.chan)
		chan_release(f->from.chan);
	if (f->seal_chan)
		chan_release(f->seal_chan);
	f->next_free   = w->free_frames;
	w->free_frames = f;
	conn_release(c);
}

void
frame_reap(struct frame *f)
{
	for (struct rq *rq = f->first; rq; rq = rq->next)
		if (rq->asked)
			return;
	TAILQ_REMOVE(&f->conn->frames, f, of_conn);
	frame_drop(f);
}
