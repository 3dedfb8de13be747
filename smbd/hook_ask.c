/*
 * hook_ask.c - a request that stops until scripts have had their say.
 *
 * It waits like one that fsd was asked for: counted, answered with PENDING after
 * a while, dropped with its connection.  Whatever it needed may have gone when
 * it goes on, so that is looked at again.
 */
#include "smbd/hook.h"

#include <stdlib.h>

#include "proto/smb2/echo.h"

void
hook_rq_drop(struct hook_rq *k)
{
	facts_drop(&k->facts);
	free(k->copy);
	free(k);
}

/* ---- waiting ---- */

/* It outlives the receive buffer. */
static nt
hook_keep(struct rq *rq, struct rd body)
{
	struct hook_rq *k = rq->hook;

	if (k->copy)
		return STATUS_SUCCESS;
	k->copy = malloc(body.end);
	REQUIRE(k->copy, STATUS_INSUFFICIENT_RESOURCES);
	memcpy(k->copy, body.base, body.end);
	k->body      = body;
	k->body.base = k->copy;
	return STATUS_SUCCESS;
}

/* A client that asks for more than a script can answer waits with its next bytes. */
static void
conn_park(struct conn *c, bool on)
{
	bool full = c->parked >= HOOK_PARKED_MAX;

	c->parked += on ? 1u : UINT32_MAX;
	if (full == (c->parked >= HOOK_PARKED_MAX))
		return;
	c->starved += full ? UINT32_MAX : 1u;
	conn_reading(c);
}

/* ---- asking ---- */

static nt hook_go(struct rq *, struct rd body);

static bool
hook_wants(const struct hook *h, const struct rq *rq)
{
	const struct facts *f = &rq->hook->facts;
	const char *share     = f->is.share.n > 0 ? f->is.share.s : NULL;

	if (!(h->is.kind == HOOK_CREATE && rq->hdr.command == SMB2_CMD_create) &&
	    !(h->is.kind == HOOK_CLOSE && rq->hdr.command == SMB2_CMD_close && f->path) &&
	    !(h->is.kind == HOOK_COMMAND && h->is.command == rq->hdr.command))
		return false;
	if (!hook_is_of(h, f->is.user.s, &f->is.client))
		return false;
	return hook_is_about(h, share, f->path) || (f->to && hook_is_about(h, share, f->to));
}

static struct hook *
hook_find(const struct rq *rq)
{
	struct worker *w = rq_worker(rq);
	struct hook *h;

	for (h = hook_next(w, rq->hook->asked); h; h = hook_next(w, h->is.hook))
		if (hook_wants(h, rq))
			return h;
	return NULL;
}

static nt
silence(const struct hook_rq *k)
{
	return k->deny ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static nt
verdict_of(const struct rq *rq, nt status, const struct hook_ask_rsp *rsp)
{
	nt said = { rsp ? rsp->status : 0 };

	if (nt_is(status, STATUS_NOT_FOUND))
		return STATUS_SUCCESS;
	if (nt_failed(status))
		return silence(rq->hook);
	if (rsp->action == HOOK_DENY)
		return nt_failed(said) ? said : STATUS_ACCESS_DENIED;
	return rsp->action == HOOK_ANSWER && nt_failed(said) ? said : STATUS_SUCCESS;
}

/* 3.3.5.2.9 to .12, once more. */
static nt
hook_readmit(const struct rq *rq)
{
	const struct smb2_command *row = smb2_command_find(rq->hdr.command);

	REQUIRE(!rq->chan || !rq->chan->session->over, STATUS_USER_SESSION_DELETED);
	REQUIRE(row->need != NEED_TREE || rq_tree(rq), STATUS_NETWORK_NAME_DELETED);
	REQUIRE(rq->fid.vol == 0 || rq_open(rq), STATUS_FILE_CLOSED);
	return STATUS_SUCCESS;
}

static nt
hook_again(struct rq *rq)
{
	REQUIRE(!rq->cancelled, STATUS_CANCELLED);
	TRY(rq->hook->verdict);
	TRY(hook_readmit(rq));
	return hook_go(rq, rq->hook->body);
}

static void
hook_answered(void *ctx, nt status, const struct hook_ask_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;

	(void)data;
	rq->hook->verdict = verdict_of(rq, status, rsp);
	conn_park(rq->frame->conn, false);
	if (rq_back(rq))
		frame_resume(rq, hook_again);
}

static nt
hook_ask_one(struct rq *rq, const struct hook *h, struct rd body)
{
	struct link *api       = node_peer(rq_worker(rq)->smbd->node, PEER_API);
	struct call_opt opt    = { .timeout_ms = h->is.timeout_ms + HOOK_GRACE_MS };
	struct hook_ask_req q  = rq->hook->facts.is;

	q.hook          = h->is.hook;
	rq->hook->asked = h->is.hook;
	rq->hook->deny  = h->is.deny;
	REQUIRE(api, STATUS_DEVICE_NOT_READY);
	TRY(hook_keep(rq, body));
	TRY(rq_asked(rq, api,
	    hook_ask_call_id(api, &q, &opt, hook_answered, rq, &rq->call_id)));
	conn_park(rq->frame->conn, true);
	return STATUS_SUCCESS;
}

/* Nobody objects: the command's own turn. */
static nt
hook_run(struct rq *rq, struct rd body)
{
	struct open *o = rq->hdr.command == SMB2_CMD_close ? rq_open(rq) : NULL;
	nt s;

	if (!o || !o->hook)
		return rq->cmd->request(rq, body);
	o->hook->closing = true;
	s                = rq->cmd->request(rq, body);
	o                = rq_open(rq);
	if (o && o->hook && nt_failed(s))
		o->hook->closing = false;
	return s;
}

static nt
hook_go(struct rq *rq, struct rd body)
{
	struct hook *h;

	while (rq_worker(rq)->hooked && (h = hook_find(rq))) {
		nt s = hook_ask_one(rq, h, body);

		if (!nt_failed(s))
			return s;
		TRY(silence(rq->hook));
	}
	return hook_run(rq, body);
}

/* What cannot be read here its handler cannot read either, and says how it is wrong. */
nt
hook_request(struct rq *rq, const struct smb2_element *e)
{
	struct hook_rq *k;
	nt s;

	if (!(rq_worker(rq)->hooks->commands & 1u << rq->hdr.command))
		return rq->cmd->request(rq, e->body);
	k = calloc(1, sizeof *k);
	REQUIRE(k, STATUS_INSUFFICIENT_RESOURCES);
	s = facts_take(rq, e->body, &k->facts);
	if (nt_failed(s)) {
		free(k);
		REQUIRE(!nt_is(s, STATUS_INSUFFICIENT_RESOURCES), s);
		return rq->cmd->request(rq, e->body);
	}
	rq->hook = k;
	return hook_go(rq, e->body);
}
