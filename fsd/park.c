/* park.c - the list of parked opens. */
#include "fsd/park.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "fsd/file.h"
#include "fsd/open.h"
#include "fsd/peer.h"
#include "fsd/tree.h"

struct parked {
	struct wait wait;
	struct parked *next;
	uint64_t tree;
	uint64_t dev, ino;
	struct loop_timer again;
	struct fsd *fsd;
	struct fsd_open_req req;	/* its strings are in room */
	uint8_t room[];
};

static void
unlink_parked(struct fsd *me, struct parked *p)
{
	struct parked **at = &me->parked;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	me->n_parked--;
	loop_timer_clear(&p->again);
	wait_unlink(&p->wait);
}

static void
parked_end(struct fsd *me, struct wait *w, nt status)
{
	struct parked *p = (struct parked *)w;
	struct call *c   = w->call;

	unlink_parked(me, p);
	chain_opened(w->peer, call_chain(c), status, 0);
	fsd_open_reply(c, status, NULL, SPAN_NONE);
	free(p);
}

/* Runs it anew; still in somebody's way, it stays. */
static void
run_again(void *ctx)
{
	struct parked *p       = ctx;
	struct fsd *me         = p->fsd;
	struct fsd_open_rsp rsp = { 0 };
	struct call *c         = p->wait.call;
	struct file *f         = NULL;
	nt s;

	s = open_run(me, p->wait.peer, &p->req, &rsp, &f);
	if (nt_is(s, STATUS_PENDING)) {
		p->dev = f->dev;
		p->ino = f->ino;
		return;
	}
	unlink_parked(me, p);
	chain_opened(p->wait.peer, call_chain(c), s, rsp.file);
	fsd_open_reply(c, s, nt_failed(s) ? NULL : &rsp, SPAN_NONE);
	free(p);
}

static struct span
keep(uint8_t **at, struct span s)
{
	struct span kept = { *at, s.n };

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

nt
park_open(struct fsd *me, struct call *c, struct tree *t, struct file *f,
    const struct fsd_open_req *req)
{
	size_t n = req->path.n + 1 + req->sd.n + req->ea.n;
	struct parked *p;
	uint8_t *at;

	REQUIRE(me->n_parked < PARKED_MAX, STATUS_INSUFFICIENT_RESOURCES);
	p = xcalloc(1, sizeof *p + n);

	at            = p->room;
	p->req        = *req;
	p->req.path.s = (const char *)keep(&at, SPAN(req->path.s, req->path.n + 1)).p;
	p->req.sd     = keep(&at, req->sd);
	p->req.ea     = keep(&at, req->ea);
	p->fsd        = me;
	p->tree       = t->id;
	p->dev        = f->dev;
	p->ino        = f->ino;
	p->next       = me->parked;
	me->parked    = p;
	me->n_parked++;
	wait_begin(&p->wait, c, NULL, parked_end);
	return STATUS_PENDING;
}

/* By a timer of no time: the caller is in the middle of closing or acknowledging. */
void
park_retry(struct fsd *me, const struct file *f)
{
	for (struct parked *p = me->parked; p; p = p->next)
		if (p->dev == f->dev && p->ino == f->ino)
			loop_timer_set(me->loop, &p->again, 0, run_again, p);
}

void
parked_end_of_tree(struct fsd *me, const struct tree *t)
{
	struct parked *p = me->parked;

	while (p) {
		if (p->tree != t->id) {
			p = p->next;
			continue;
		}
		parked_end(me, &p->wait, STATUS_NETWORK_NAME_DELETED);
		p = me->parked;
	}
}
