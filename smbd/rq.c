/*
 * rq.c - a request in hand: whose it is, its answer, and what it asks others; see
 * rq.h.
 */
#include "smbd/rq.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "proto/smb2/error.h"
#include "smbd/hook.h"

/* ---- whose it is ---- */

struct worker *
rq_worker(const struct rq *rq)
{
	return rq->frame->conn->worker;
}

uint32_t
rq_max_io(const struct rq *rq)
{
	return params_max_io(&rq->frame->conn->params, &rq_worker(rq)->smbd->conf);
}

struct session *
rq_session(const struct rq *rq)
{
	return rq->chan ? rq->chan->session : NULL;
}

struct tree *
rq_tree(const struct rq *rq)
{
	return rq->chan ? tree_find(rq->chan->session, rq->tree_id) : NULL;
}

/* By the number that is ours alone: the persistent half may still be on its way. */
struct open *
rq_open(const struct rq *rq)
{
	struct open *o = rq->fid.vol ? table_find(rq_worker(rq)->opens, rq->fid.vol) : NULL;

	return o && o->session == rq_session(rq) ? o : NULL;
}

struct link *
rq_fsd(const struct rq *rq)
{
	return rq->at ? rq->at->link : NULL;
}

void
rq_place(struct rq *rq, struct storage *at)
{
	storage_release(rq->at);
	rq->at = at ? storage_hold(at) : NULL;
	if (at)
		rq->frame->conn->recent = at->seat;
}

/* ---- answers ---- */

struct wr *
rq_body(struct rq *rq, size_t more)
{
	size_t cap = SMB2_HDR_SIZE + more;

	if (cap > RQ_OUT) {
		rq->big = malloc(cap);
		if (!rq->big) {
			rq_fail(rq, STATUS_INSUFFICIENT_RESOURCES);
			return NULL;
		}
		rq->w = wr_init(rq->big, cap);
	} else {
		rq->w = wr_init(rq->out, RQ_OUT);
	}
	wr_zero(&rq->w, SMB2_HDR_SIZE);
	return &rq->w;
}

void
rq_done(struct rq *rq, nt status)
{
	struct frame *f = rq->frame;

	ENSURE(!rq->done && !rq->asked);
	if (!wr_ok(&rq->w)) {
		log_error("an answer did not fit its buffer command=%s",
		    smb2_command_name(rq->hdr.command));
		rq_fail(rq, STATUS_INTERNAL_ERROR);
		return;
	}
	if (rq->hook)
		hook_done(rq, status);
	rq->done   = true;
	rq->status = status;
	f->left--;
	if (f->left == 0 && !f->walking && conn_is_open(f->conn))
		frame_walk(f);
}

void
rq_fail_data(struct rq *rq, nt status, struct span data)
{
	struct smb2_error_rsp e = { .data = data };

	free(rq->big);
	rq->big    = NULL;
	rq->bulk_n = 0;
	rq->w      = wr_init(rq->out, RQ_OUT);
	wr_zero(&rq->w, SMB2_HDR_SIZE);
	smb2_error_rsp_encode(&rq->w, RQ_HDR_AT, &e);
	rq_done(rq, status);
}

void
rq_fail(struct rq *rq, nt status)
{
	/* Its fsd died with it in hand; what becomes of the tree: storage.c. */
	if (nt_is(status, STATUS_CONNECTION_RESET))
		status = STATUS_NETWORK_NAME_DELETED;
	rq_fail_data(rq, status, SPAN_NONE);
}

bool
rq_failed(struct rq *rq, nt status)
{
	if (!nt_failed(status))
		return false;
	rq_fail(rq, status);
	return true;
}

/* ---- asking ---- */

struct call_opt
rq_opt(const struct rq *rq)
{
	return (struct call_opt){ .chain = rq->frame->chain };
}

nt
rq_asked(struct rq *rq, struct link *l, nt s)
{
	struct frame *f = rq->frame;

	TRY(s);
	rq->asked = l;
	/* A chain is one fsd's: what another is asked is waited for. */
	if (f->chain != 0 && rq->at && l == rq->at->link && (!f->at || f->at == rq->at)) {
		f->at        = rq->at;
		rq->in_chain = true;
		f->in_fsd++;
	}
	rq_pace(rq);
	return STATUS_SUCCESS;
}

bool
rq_back(struct rq *rq)
{
	struct frame *f = rq->frame;

	rq->asked = NULL;
	rq_unpace(rq);
	if (rq->in_chain) {
		rq->in_chain = false;
		f->in_fsd--;
	}
	if (conn_is_open(f->conn) && !rq->late)
		return true;
	if (rq->late)
		f->conn->n_late--;
	frame_reap(f);
	return false;
}

/* ---- payload memory ---- */

void
rq_starve(struct rq *rq, bool on)
{
	struct worker *w = rq_worker(rq);

	rq->starved = on;
	if (on)
		TAILQ_INSERT_TAIL(&w->starved, rq, of_starved);
	else
		TAILQ_REMOVE(&w->starved, rq, of_starved);
	rq->frame->conn->starved += on ? 1u : UINT32_MAX;
	conn_reading(rq->frame->conn);
}

/* While it waited its storage may have gone, and its file with it. */
static nt
rq_bulk(struct rq *rq)
{
	REQUIRE(rq_fsd(rq), STATUS_NETWORK_NAME_DELETED);
	return rq->cmd->bulk(rq);
}

nt
rq_try(struct rq *rq)
{
	nt s = rq_bulk(rq);

	if (!nt_is(s, STATUS_RETRY))
		return s;
	rq_starve(rq, true);
	return STATUS_SUCCESS;
}

bool
rq_retry(struct rq *rq)
{
	nt s = rq_bulk(rq);

	if (nt_is(s, STATUS_RETRY))
		return false;
	rq_starve(rq, false);
	(void)rq_failed(rq, s);
	return true;
}
