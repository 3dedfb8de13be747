/* park.c - the list of what is parked. */
#include "fsd/park.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "fsd/open.h"
#include "fsd/peer.h"
#include "fsd/setinfo.h"
#include "fsd/tree.h"

/* For how it goes on see run_again. */
enum parked_kind { PARKED_OPEN, PARKED_SET_INFO };

struct parked {
	struct wait wait;
	struct parked *next;
	enum parked_kind kind;
	uint64_t tree;
	uint64_t dev, ino;
	struct loop_timer again;
	struct fsd *fsd;
	union {			/* their strings are in room */
		struct fsd_open_req open;
		struct fsd_set_info_req set;
	} req;
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

/* rsp: of an open, if there is one. */
static void
parked_answer(struct fsd *me, struct parked *p, nt status, const struct fsd_open_rsp *rsp)
{
	struct call *c = p->wait.call;

	unlink_parked(me, p);
	if (p->kind == PARKED_OPEN) {
		chain_opened(p->wait.peer, call_chain(c), status, rsp ? rsp->file : 0);
		fsd_open_reply(c, status, rsp, SPAN_NONE);
	} else {
		fsd_set_info_reply(c, status, NULL, SPAN_NONE);
	}
	free(p);
}

static void
parked_end(struct fsd *me, struct wait *w, nt status)
{
	parked_answer(me, (struct parked *)w, status, NULL);
}

/* By number: the file itself may go. */
static void
waits_for(struct parked *p, const struct file *f)
{
	p->dev = f->dev;
	p->ino = f->ino;
}

static void
open_again(struct parked *p)
{
	struct fsd_open_rsp rsp = { 0 };
	struct file *f          = NULL;
	nt s = open_run(p->fsd, p->wait.peer, &p->req.open, &rsp, &f);

	if (nt_is(s, STATUS_PENDING))
		waits_for(p, f);
	else
		parked_answer(p->fsd, p, s, nt_failed(s) ? NULL : &rsp);
}

static void
set_info_again(struct parked *p)
{
	nt s;

	creds_become(p->wait.handle->who);
	s = setinfo_run(p->fsd, p->wait.handle, &p->req.set);
	if (nt_is(s, STATUS_PENDING))
		waits_for(p, p->wait.handle->in_the_way);
	else
		parked_answer(p->fsd, p, s, NULL);
}

/* Still in somebody's way, it stays. */
static void
run_again(void *ctx)
{
	struct parked *p = ctx;

	if (p->kind == PARKED_OPEN)
		open_again(p);
	else
		set_info_again(p);
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

static nt
park_new(struct fsd *me, enum parked_kind kind, const struct tree *t, const struct file *f,
    size_t room, struct parked **ret)
{
	struct parked *p;

	REQUIRE(me->n_parked < PARKED_MAX, STATUS_INSUFFICIENT_RESOURCES);
	p = xcalloc(1, sizeof *p + room);

	p->kind    = kind;
	p->fsd     = me;
	p->tree    = t->id;
	p->next    = me->parked;
	me->parked = p;
	waits_for(p, f);
	me->n_parked++;
	*ret = p;
	return STATUS_SUCCESS;
}

nt
park_open(struct fsd *me, struct call *c, struct tree *t, struct file *f,
    const struct fsd_open_req *req)
{
	struct fsd_open_req *kept;
	struct parked *p;
	uint8_t *at;

	TRY(park_new(me, PARKED_OPEN, t, f, req->path.n + 1 + req->sd.n + req->ea.n, &p));
	kept         = &p->req.open;
	at           = p->room;
	*kept        = *req;
	kept->path.s = (const char *)keep(&at, SPAN(req->path.s, req->path.n + 1)).p;
	kept->sd     = keep(&at, req->sd);
	kept->ea     = keep(&at, req->ea);
	wait_begin(&p->wait, c, NULL, parked_end);
	return STATUS_PENDING;
}

nt
park_set_info(struct fsd *me, struct call *c, struct handle *h, const struct fsd_set_info_req *req)
{
	struct parked *p;
	uint8_t *at;

	TRY(park_new(me, PARKED_SET_INFO, h->tree, h->in_the_way, req->buffer.n, &p));
	at                = p->room;
	p->req.set        = *req;
	p->req.set.buffer = keep(&at, req->buffer);
	wait_begin(&p->wait, c, h, parked_end);
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
