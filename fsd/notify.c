/*
 * notify.c - watches of directories.  Events of one tick of the loop leave in
 * one answer, so that both halves of a rename stay together.
 */
#include "fsd/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "fsd/handle.h"
#include "fsd/path.h"
#include "fsd/peer.h"
#include "proto/fscc/notify.h"

#define WATCH_EVENTS 512u	/* kept while nobody asks; more: "read it again" */
#define EVENTS_MAX   262144u	/* of all watches together */
#define NOTIFY_MAX   65536u

struct event {
	struct event *next;
	uint32_t action;
	char path[];		/* relative to the watched directory, as on the wire */
};

struct ask {			/* a call that waits */
	struct wait wait;
	struct ask *next;
	uint32_t max;
};

struct watch {
	struct watch *next, **at;
	struct notifies *all;
	struct handle *handle;
	char *root;		/* share path and directory: where all paths here begin */
	uint32_t filter;
	uint32_t max;		/* what the first request had room for stands for all, 2.1.5.11 */
	bool tree;
	bool overflow, doomed;
	struct event *events, **events_end;
	uint32_t n_events;
	struct ask *asks, **asks_end;
};

struct notifies {
	struct fsd *fsd;
	struct watch *watches;
	uint32_t n_events;
	struct loop_tick tick;
};

static void
event_drop_all(struct watch *w)
{
	while (w->events) {
		struct event *e = w->events;

		w->events = e->next;
		free(e);
	}
	w->events_end = &w->events;
	w->all->n_events -= w->n_events;
	w->n_events = 0;
}

/* ---- answering ---- */

static struct ask *
ask_take(struct watch *w, struct ask *a)
{
	struct ask **at = &w->asks;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	if (w->asks_end == &a->next)
		w->asks_end = at;
	wait_unlink(&a->wait);
	return a;
}

static void
ask_answer(struct watch *w, struct ask *a, nt status, struct span data)
{
	ask_take(w, a);
	fsd_notify_reply(a->wait.call, status, NULL, data);
	free(a);
}

/* Everything that is there, or "too much to list". */
static void
deliver(struct watch *w)
{
	static uint8_t room[NOTIFY_MAX];	/* the loop's thread only */
	struct ask *a = w->asks;
	uint32_t max  = a->max < w->max ? a->max : w->max;
	struct wr wr  = wr_init(room, max < sizeof room ? max : sizeof room);
	bool fits     = !w->overflow;
	struct chain ch;

	fscc_notify_begin(&ch, &wr);
	for (const struct event *e = w->events; e && fits; e = e->next)
		fits = fscc_notify_put(&ch, e->action, e->path);
	event_drop_all(w);
	w->overflow = false;
	if (fits && wr_ok(&wr) && wr.pos > 0)
		ask_answer(w, a, STATUS_SUCCESS, wr_done(&wr));
	else
		ask_answer(w, a, STATUS_NOTIFY_ENUM_DIR, SPAN_NONE);
}

static void
tick(void *ctx)
{
	struct notifies *n = ctx;

	for (struct watch *w = n->watches; w; w = w->next) {
		while (w->asks && w->doomed)
			ask_answer(w, w->asks, STATUS_DELETE_PENDING, SPAN_NONE);
		if (w->asks && (w->events || w->overflow))
			deliver(w);
	}
}

struct notifies *
notifies_new(struct fsd *me)
{
	struct notifies *n = xcalloc(1, sizeof *n);

	n->fsd = me;
	loop_on_tick(me->loop, &n->tick, tick, n);
	return n;
}

void
notifies_drop(struct notifies *n)
{
	free(n);
}

/* ---- what happens ---- */

uint32_t
notify_name_change(bool is_dir)
{
	return is_dir ? FILE_NOTIFY_CHANGE_DIR_NAME : FILE_NOTIFY_CHANGE_FILE_NAME;
}

static char *
join(const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 2;
	char *s  = xcalloc(1, n);

	(void)snprintf(s, n, "%s%s%s", a, *b ? "/" : "", b);
	return s;
}

/* The part of full below the watched directory, or NULL. */
static const char *
below(const struct watch *w, const char *full)
{
	size_t n = strlen(w->root);

	if (strncmp(full, w->root, n) != 0 || full[n] != '/')
		return NULL;
	full += n + 1;
	return !w->tree && strchr(full, '/') ? NULL : full;
}

static void
event_put(struct watch *w, uint32_t action, const char *path)
{
	char wire[PATH_MAX];
	struct event *e;
	size_t n;

	name_path_to_wire(path, wire, sizeof wire);
	n = strlen(wire) + 1;
	if (w->n_events >= WATCH_EVENTS || w->all->n_events >= EVENTS_MAX) {
		w->overflow = true;
		return;
	}
	e         = xcalloc(1, sizeof *e + n);
	e->action = action;
	memcpy(e->path, wire, n);
	*w->events_end = e;
	w->events_end  = &e->next;
	w->n_events++;
	w->all->n_events++;
}

void
notify_event(struct fsd *me, const struct share *s, const char *path, uint32_t change,
    uint32_t action)
{
	char *full;

	if (!me->notifies->watches)
		return;
	full = join(s->path, path);
	for (struct watch *w = me->notifies->watches; w; w = w->next) {
		const char *rest = w->filter & change ? below(w, full) : NULL;

		if (rest)
			event_put(w, action, rest);
	}
	free(full);
}

void
notify_dir_doomed(struct fsd *me, const struct handle *dir)
{
	for (struct watch *w = me->notifies->watches; w; w = w->next)
		if (w->handle->file == dir->file)
			w->doomed = true;
}

/* ---- who asks ---- */

static void
ask_end(struct fsd *me, struct wait *wait, nt status)
{
	(void)me;
	ask_answer(wait->handle->watch, (struct ask *)wait, status, SPAN_NONE);
}

/* Filter, depth and room are those of the first request, for as long as the open lives. */
static void
watch_begin(struct handle *h, const struct fsd_notify_req *req)
{
	struct notifies *n = h->fsd->notifies;
	struct watch *w    = xcalloc(1, sizeof *w);

	w->all        = n;
	w->handle     = h;
	w->root       = join(h->tree->share->path, h->path);
	w->filter     = req->filter;
	w->max        = req->max;
	w->tree       = req->tree;
	w->events_end = &w->events;
	w->asks_end   = &w->asks;
	w->next       = n->watches;
	w->at         = &n->watches;
	if (w->next)
		w->next->at = &w->next;
	n->watches = w;
	h->watch   = w;
}

nt
notify_wait(struct handle *h, struct call *c, const struct fsd_notify_req *req)
{
	struct ask *a;

	REQUIRE(!h->file->doomed, STATUS_DELETE_PENDING);
	if (!h->watch)
		watch_begin(h, req);
	a                   = xcalloc(1, sizeof *a);
	a->max              = req->max;
	*h->watch->asks_end = a;
	h->watch->asks_end  = &a->next;
	wait_begin(&a->wait, c, h, ask_end);
	return STATUS_PENDING;
}

void
notify_handle_gone(struct handle *h)
{
	struct watch *w = h->watch;

	if (!w)
		return;
	while (w->asks)
		ask_answer(w, w->asks, STATUS_NOTIFY_CLEANUP, SPAN_NONE);
	event_drop_all(w);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	free(w->root);
	free(w);
	h->watch = NULL;
}
