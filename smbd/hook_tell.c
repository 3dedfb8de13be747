/*
 * hook_tell.c - what has happened, for scripts that listen.  Nothing waits for
 * them: what the api does not take in time is counted and left out.
 */
#include "smbd/hook.h"

#include <stdlib.h>

#define EVENT_WORD(name) #name,
static const char *const words[HOOK_EVENT_MAX] = { HOOK_EVENTS(EVENT_WORD) };

/* ---- sending ---- */

static void
told(void *ctx, nt status, const struct hook_tell_rsp *rsp, struct span data)
{
	struct worker *w = ctx;

	(void)status;	/* a hook that has ended, or an api that has */
	(void)rsp;
	(void)data;
	w->hooks->told--;
}

static void
tell_one(struct worker *w, struct hook *h, const struct hook_tell_req *req)
{
	struct link *api        = node_peer(w->smbd->node, PEER_API);
	struct hook_tell_req q  = *req;

	q.hook = h->is.hook;
	q.lost = h->lost;
	if (!api || w->hooks->told >= HOOK_TOLD_MAX ||
	    nt_failed(hook_tell_call(api, &q, NULL, told, w))) {
		h->lost++;
		return;
	}
	h->lost = 0;
	w->hooks->told++;
}

static void
tell(struct worker *w, enum hook_event kind, const struct facts *f, nt status)
{
	const struct hook_ask_req *is = &f->is;
	const char *share             = is->share.n > 0 ? is->share.s : NULL;
	const char *path              = is->path.s;
	struct hook_tell_req q        = { .kind = str_of(words[kind]), .status = status.code,
		       .session = is->session, .user = is->user, .client = is->client,
		       .share = is->share, .path = is->path, .to = is->to, .access = is->access,
		       .attributes = is->attributes, .share_access = is->share_access,
		       .disposition = is->disposition, .options = is->options };

	for (struct hook *h = hook_next(w, 0); h; h = hook_next(w, h->is.hook))
		if (h->is.kind == HOOK_EVENT && (h->is.events & 1u << kind) &&
		    hook_is_of(h, is->user.s, &is->client) &&
		    (hook_is_about(h, share, path) || (is->to.s && hook_is_about(h, share, is->to.s))))
			tell_one(w, h, &q);
}

/* ---- requests ---- */

void
hook_open_keep(struct open *o, const char *path, bool deletes)
{
	size_t n = strlen(path) + 1;

	free(o->hook);
	o->hook = malloc(sizeof *o->hook + n);
	if (!o->hook)
		return;
	*o->hook = (struct hook_open){ .deletes = deletes };
	memcpy(o->hook->path, path, n);
}

static void
done_create(struct rq *rq, const struct facts *f)
{
	struct open *o = rq_open(rq);

	if (o && f->path)
		hook_open_keep(o, f->path, f->deletes);
	tell(rq_worker(rq), HOOK_EVENT_open, f, STATUS_SUCCESS);
}

static void
done_close(struct worker *w, const struct facts *f)
{
	if (!f->path)
		return;
	tell(w, HOOK_EVENT_close, f, STATUS_SUCCESS);
	if (f->deletes)
		tell(w, HOOK_EVENT_delete, f, STATUS_SUCCESS);
}

static void
done_set_info(struct rq *rq, const struct facts *f)
{
	struct open *o = rq_open(rq);

	if (f->renames)
		tell(rq_worker(rq), HOOK_EVENT_rename, f, STATUS_SUCCESS);
	if (f->renames && o && o->hook && f->to)
		hook_open_keep(o, f->to, o->hook->deletes);
	if (f->sets_deletes && o && o->hook)
		o->hook->deletes = f->deletes;
}

static void
done_well(struct rq *rq, const struct facts *f)
{
	switch (rq->hdr.command) {
	case SMB2_CMD_create:
		done_create(rq, f);
		break;
	case SMB2_CMD_close:
		done_close(rq_worker(rq), f);
		break;
	case SMB2_CMD_set_info:
		done_set_info(rq, f);
		break;
	case SMB2_CMD_tree_connect:
		tell(rq_worker(rq), HOOK_EVENT_tree_connect, f, STATUS_SUCCESS);
		break;
	default:
		break;
	}
}

void
hook_done(struct rq *rq, nt status)
{
	const struct facts *f = &rq->hook->facts;

	if (!nt_failed(status))
		done_well(rq, f);
	else if (nt_is(status, STATUS_ACCESS_DENIED))
		tell(rq_worker(rq), HOOK_EVENT_denied, f, status);
}

/* ---- what has no request ---- */

/* Its tree, its session or fsd has ended it; a CLOSE tells of itself. */
void
hook_open_drop(struct open *o)
{
	struct facts f;

	if (!o->hook->closing && o->session->worker->hooked) {
		facts_of_open(o, &f);
		tell(o->session->worker, HOOK_EVENT_close, &f, STATUS_SUCCESS);
		if (o->hook->deletes)
			tell(o->session->worker, HOOK_EVENT_delete, &f, STATUS_SUCCESS);
	}
	free(o->hook);
}

void
hook_tell_session(struct session *s, struct conn *c, enum hook_event kind)
{
	struct facts f = { .is = { .session = s->id, .user = str_of(s->user) } };

	if (c)
		f.is.client = c->params.client;
	tell(s->worker, kind, &f, STATUS_SUCCESS);
}

void
hook_tell_break(struct open *o)
{
	struct facts f;

	facts_of_open(o, &f);
	tell(o->session->worker, HOOK_EVENT_lease_break, &f, STATUS_SUCCESS);
}
