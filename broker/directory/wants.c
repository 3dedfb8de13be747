/*
 * wants.c - questions for a worker or a session process that wait until it is there.
 */
#include "broker/directory/wants.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"

void
want_add(struct directory *me, struct call *call, enum tree_row_no row, uint32_t index,
	 uint64_t tag, const char *name)
{
	struct want *w = xcalloc(1, sizeof *w);

	*w = (struct want){ .next  = me->wants,
			    .call  = call_keep(call),
			    .row   = row,
			    .index = index,
			    .tag   = tag };
	ENSURE(strlen(name) < sizeof w->name);
	memcpy(w->name, name, strlen(name));
	me->wants = w;
}

const struct want *
want_find(const struct directory *me, enum tree_row_no row, uint64_t tag, const char *identity)
{
	const struct want *w = me->wants;

	while (w && (w->row != row || w->tag != tag || utf8_casecmp(w->name, identity) != 0))
		w = w->next;
	return w;
}

bool
worker_awaited(const struct directory *me, enum tree_row_no row, uint32_t index)
{
	for (const struct want *w = me->wants; w; w = w->next) {
		if (w->row == row && w->index == index)
			return !worker_born(me, index);
	}
	return false;
}

bool
worker_wanted(const struct directory *me, uint32_t index)
{
	for (const struct want *w = me->wants; w; w = w->next) {
		if (w->index == index)
			return true;
	}
	return false;
}

/* ---- answers ---- */

static void
want_reply(struct call *call, enum tree_row_no row, nt status, uint64_t peer)
{
	const struct dir_worker_get_rsp worker	 = { .worker = peer };
	const struct dir_session_get_rsp session = { .peer = peer };

	if (row == ROW_SESSION)
		dir_session_get_reply(call, status, nt_failed(status) ? NULL : &session, SPAN_NONE);
	else
		dir_worker_get_reply(call, status, nt_failed(status) ? NULL : &worker, SPAN_NONE);
}

void
promise(struct directory *me, struct peer *p, struct call *call)
{
	p->promised = loop_now(me->loop);
	want_reply(call, p->row, STATUS_SUCCESS, p->id);
}

void
wants_settle(struct directory *me, uint32_t index, struct peer *p, nt status)
{
	struct want **at = &me->wants;
	struct want *w;

	while ((w = *at)) {
		if (w->index != index) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		if (p)
			promise(me, p, w->call);
		else
			want_reply(w->call, w->row, status, 0);
		free(w);
	}
}
