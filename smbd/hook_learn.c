/*
 * hook_learn.c - names of files that were opened while nothing was hooked: fsd knows
 * them, and follows renames, so no open has to keep one in case a script comes.
 */
#include <stdlib.h>

#include "smbd/hook.h"
#include "smbd/storage.h"

/* worker_hook, which is answered when all names are there. */
struct lesson {
	struct call *call;	/* NULL: nobody waits */
	size_t left;
};

/* One open, by its number: it may go meanwhile. */
struct learning {
	struct worker *worker;
	uint64_t vol;
	struct lesson *lesson;
};

static void
lesson_done(struct lesson *l)
{
	if (!l || --l->left > 0)
		return;
	worker_hook_reply(l->call, STATUS_SUCCESS, NULL, SPAN_NONE);
	free(l);
}

static void
learnt(void *ctx, nt status, const struct fsd_name_rsp *rsp, struct span data)
{
	struct learning *k = ctx;
	struct open *o     = table_find(k->worker->opens, k->vol);

	(void)data;
	if (o && !nt_failed(status))
		hook_open_keep(o, rsp->path.s ? rsp->path.s : "", rsp->deletes);
	lesson_done(k->lesson);
	free(k);
}

static void
learn(struct worker *w, const struct open *o, struct lesson *l)
{
	struct fsd_name_req q = { .file = o->file };
	struct link *fsd      = o->at ? o->at->link : NULL;
	struct learning *k;

	if (o->pipe || o->file == 0 || !fsd)
		return;
	k = calloc(1, sizeof *k);
	if (!k)
		return;
	*k = (struct learning){ .worker = w, .vol = o->vol, .lesson = l };
	if (nt_failed(fsd_name_call(fsd, &q, NULL, learnt, k))) {
		free(k);
		return;
	}
	if (l)
		l->left++;
}

void
hook_learn(struct open *o)
{
	learn(o->session->worker, o, NULL);
}

bool
hooks_learn(struct worker *w, struct call *call)
{
	struct lesson *l = calloc(1, sizeof *l);
	uint32_t pos     = 0;
	struct open *o;

	if (!l)
		return false;
	while ((o = table_next(w->opens, &pos, NULL)))
		learn(w, o, l);
	if (l->left == 0) {
		free(l);
		return false;
	}
	l->call = call_keep(call);
	return true;
}
