/* ferry.c - a caller's ferry: its calls that wait, the orders that wait for them.  See ferry.h. */
#include "clientd/session/ferry.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "clientd/session/stream.h"

#define WAIT_MS	  20000u	/* a call without an order is answered then, so that both sides are heard */
#define SILENT_MS 120000u	/* a caller that has not called for so long is gone */
#define LOOK_MS	  5000u
#define NS_PER_MS 1000000u

/* ---- ferries ---- */

static struct ferry *
ferry_find(struct client *me, const struct id16 *token)
{
	struct ferry *f;

	TAILQ_FOREACH(f, &me->ferries, all)
		if (memcmp(&f->token, token, sizeof *token) == 0)
			return f;
	return NULL;
}

nt
ferry_enter(struct client *me, const struct id16 *token, struct ferry **ret)
{
	static const struct id16 none;
	struct ferry *f = ferry_find(me, token);

	REQUIRE(memcmp(token, &none, sizeof none) != 0, STATUS_INVALID_PARAMETER);
	if (!f) {
		REQUIRE(me->n_ferries < FERRIES_MAX, STATUS_INSUFFICIENT_RESOURCES);
		f	  = xcalloc(1, sizeof *f);
		f->client = me;
		f->token  = *token;
		TAILQ_INIT(&f->orders);
		LIST_INIT(&f->streams);
		TAILQ_INSERT_TAIL(&me->ferries, f, all);
		me->n_ferries++;
	}
	f->users++;
	f->heard = clock_mono_ns();
	*ret	 = f;
	return STATUS_SUCCESS;
}

/* The last stream or waiting call is gone: no order is left either. */
void
ferry_leave(struct ferry *f)
{
	if (--f->users > 0)
		return;
	ENSURE(TAILQ_EMPTY(&f->orders) && LIST_EMPTY(&f->streams));
	TAILQ_REMOVE(&f->client->ferries, f, all);
	f->client->n_ferries--;
	free(f);
}

/* ---- orders ---- */

void
ferry_order(struct ferry *f, struct order *o)
{
	TAILQ_INSERT_TAIL(&f->orders, o, all);
	waitq_wake(&f->waiting);
}

void
order_drop(struct ferry *f, struct order *o)
{
	TAILQ_REMOVE(&f->orders, o, all);
	free(o);
}

nt
ferry_wait(struct ferry *f, struct waitq *q)
{
	nt s = fiber_wait_ms(q, LOOK_MS);

	if (!nt_is(s, STATUS_IO_TIMEOUT))
		return s;
	REQUIRE(clock_mono_ns() - f->heard < (uint64_t)SILENT_MS * NS_PER_MS, STATUS_IO_TIMEOUT);
	return STATUS_SUCCESS;
}

/* ---- the caller's calls ---- */

static nt
order_await(struct ferry *f, struct order **ret)
{
	uint64_t until = clock_mono_ns() + (uint64_t)WAIT_MS * NS_PER_MS, now;

	*ret = NULL;
	f->ending = false;
	while (!(*ret = TAILQ_FIRST(&f->orders)) && !f->ending && (now = clock_mono_ns()) < until) {
		nt s = fiber_wait_ms(&f->waiting, (until - now) / NS_PER_MS + 1);

		if (nt_failed(s) && !nt_is(s, STATUS_IO_TIMEOUT))
			return s;
	}
	return STATUS_SUCCESS;
}

static void
order_tell(struct ferry *f, struct order *o, struct job *j, struct client_local_rsp *rsp)
{
	rsp->what   = o->write ? LOCAL_WRITE : LOCAL_READ;
	rsp->order  = o->id;
	rsp->job    = o->job;
	rsp->offset = o->off;
	rsp->length = o->len;
	if (o->write) {
		uint8_t *copy = fiber_alloc(o->len);

		memcpy(copy, o->bytes, o->len);
		j->data = SPAN(copy, o->len);
	}
	order_drop(f, o);
}

static void
ferry_leave_p(struct ferry **f)
{
	if (*f)
		ferry_leave(*f);
}

nt
client_local(struct client *me, struct job *j, const struct client_local_req *req,
	     struct client_local_rsp *rsp)
{
	struct ferry *f __attribute__((cleanup(ferry_leave_p))) = NULL;
	struct order *o;

	REQUIRE(req->order != 0 || call_data(j->call).n == 0, STATUS_INVALID_PARAMETER);
	TRY(ferry_enter(me, &req->ferry, &f));
	if (req->order != 0)
		TRY(streams_answered(f, req->order, (nt){ req->failed }, call_data(j->call)));
	if (req->end) {
		f->ending = true;
		waitq_wake(&f->waiting);
	}
	if (!req->wait)
		return STATUS_SUCCESS;
	TRY(order_await(f, &o));
	if (o)
		order_tell(f, o, j, rsp);
	return STATUS_SUCCESS;
}
