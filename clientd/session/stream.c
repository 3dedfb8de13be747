/*
 * stream.c - a transfer's local end across a ferry.  Reading is ahead of who reads, since each order
 * is a way there and back; writing is behind who writes, so an error comes later.  Memory is the window.
 */
#include "clientd/session/stream.h"

#include <stdlib.h>

#include "base/fatal.h"

nt
stream_open(struct job *j, const struct id16 *ferry, bool pipe, struct stream **ret)
{
	struct stream *st;
	struct ferry *f;

	REQUIRE(j->number != 0, STATUS_INVALID_PARAMETER);
	TRY(ferry_enter(j->client, ferry, &f));
	st	  = xcalloc(1, sizeof *st);
	st->ferry = f;
	st->job	  = j->number;
	st->pipe  = pipe;
	LIST_INSERT_HEAD(&f->streams, st, of_ferry);
	f->n_streams++;
	*ret = st;
	return STATUS_SUCCESS;
}

static struct chunk *
chunk_at(struct stream *st, unsigned i)
{
	return &st->ring[(st->first + i) % FERRY_WINDOW];
}

static void
chunk_end(struct stream *st)
{
	free(st->ring[st->first].buf);
	st->first = (st->first + 1) % FERRY_WINDOW;
	st->count--;
}

/* Forgets what was ordered; what no call has taken is not done. */
static void
stream_clear(struct stream *st)
{
	struct ferry *f = st->ferry;
	struct order *o = TAILQ_FIRST(&f->orders), *next;

	for (; o; o = next) {
		next = TAILQ_NEXT(o, all);
		if (o->job == st->job)
			order_drop(f, o);
	}
	while (st->count > 0)
		chunk_end(st);
}

void
stream_drop(struct stream *st)
{
	if (!st)
		return;
	stream_clear(st);
	LIST_REMOVE(st, of_ferry);
	st->ferry->n_streams--;
	ferry_leave(st->ferry);
	free(st);
}

/* ---- orders ---- */

static bool
may_order(const struct stream *st)
{
	unsigned share = FERRY_SHARED / (unsigned)st->ferry->n_streams;

	share = share > FERRY_WINDOW ? FERRY_WINDOW : share;
	return st->count < (share > 0 ? share : 1);
}

static void
chunk_order(struct stream *st, uint64_t off, size_t len, const uint8_t *bytes)
{
	struct order *o = xcalloc(1, sizeof *o + (bytes ? len : 0));

	o->id	 = ++st->ferry->last_order;
	o->job	 = st->job;
	o->off	 = off;
	o->len	 = (uint32_t)len;
	o->write = bytes != NULL;
	if (bytes)
		memcpy(o->bytes, bytes, len);
	*chunk_at(st, st->count++) = (struct chunk){ .order = o->id, .off = off,
						     .len = (uint32_t)len };
	ferry_order(st->ferry, o);
}

static nt
chunk_answered(struct stream *st, struct chunk *c, nt status, struct span data)
{
	REQUIRE(data.n <= c->len, STATUS_INVALID_PARAMETER);
	c->answered = true;
	c->n	    = (uint32_t)data.n;
	if (data.n > 0) {
		c->buf = xcalloc(1, data.n);
		memcpy(c->buf, data.p, data.n);
	}
	if (nt_failed(status) && !nt_failed(st->failed))
		st->failed = status;
	waitq_wake(&st->moved);
	return STATUS_SUCCESS;
}

nt
streams_answered(struct ferry *f, uint64_t order, nt status, struct span data)
{
	struct stream *st;

	LIST_FOREACH(st, &f->streams, of_ferry)
		for (unsigned i = 0; i < st->count; i++) {
			struct chunk *c = chunk_at(st, i);

			if (c->order == order && !c->answered)
				return chunk_answered(st, c, status, data);
		}
	return STATUS_SUCCESS;
}

/* ---- reading ---- */

static void
read_ahead(struct stream *st)
{
	while (!st->ended && may_order(st) && st->next <= INT64_MAX - FERRY_CHUNK) {
		chunk_order(st, st->next, FERRY_CHUNK, NULL);
		st->next += FERRY_CHUNK;
	}
}

/* The chunk that off lies in; NULL: the end.  A pipe cannot go back. */
static nt
chunk_await(struct stream *st, uint64_t off, struct chunk **ret)
{
	struct chunk *c = chunk_at(st, 0);

	if (st->count > 0 && (off < c->off || off - c->off >= c->len))
		stream_clear(st);
	if (st->count == 0 && st->next != off) {
		REQUIRE(!st->pipe, STATUS_DATA_ERROR);
		st->next  = off;
		st->ended = false;
	}
	read_ahead(st);
	*ret = NULL;
	if (st->count == 0)
		return STATUS_SUCCESS;
	for (c = chunk_at(st, 0); !c->answered;) {
		TRY(st->failed);
		TRY(ferry_wait(st->ferry, &st->moved));
	}
	TRY(st->failed);
	*ret = c;
	return STATUS_SUCCESS;
}

static size_t
chunk_copy(struct stream *st, struct chunk *c, uint64_t off, uint8_t *buf, size_t n)
{
	size_t at = (size_t)(off - c->off), left = at < c->n ? c->n - at : 0;

	n = n < left ? n : left;
	if (n > 0)
		memcpy(buf, c->buf + at, n);
	if (c->n < c->len && at + n == c->n)
		st->ended = true;
	if (at + n == c->len)
		chunk_end(st);
	return n;
}

nt
stream_read(struct stream *st, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n)
{
	size_t got = 0, some;
	struct chunk *c;

	while (got < n) {
		TRY(chunk_await(st, off + got, &c));
		some = c ? chunk_copy(st, c, off + got, buf + got, n - got) : 0;
		if (some == 0)
			break;
		got += some;
	}
	*ret_n = got;
	return STATUS_SUCCESS;
}

/* ---- writing ---- */

static void
drop_answered(struct stream *st)
{
	while (st->count > 0 && chunk_at(st, 0)->answered)
		chunk_end(st);
}

nt
stream_write(struct stream *st, uint64_t off, struct span s)
{
	while (s.n > 0) {
		size_t n = s.n < FERRY_CHUNK ? s.n : FERRY_CHUNK;

		for (drop_answered(st); !may_order(st); drop_answered(st)) {
			TRY(st->failed);
			TRY(ferry_wait(st->ferry, &st->moved));
		}
		TRY(st->failed);
		chunk_order(st, off, n, s.p);
		off += n;
		s = SPAN(s.p + n, s.n - n);
	}
	return STATUS_SUCCESS;
}

nt
stream_settle(struct stream *st)
{
	for (drop_answered(st); st->count > 0; drop_answered(st)) {
		TRY(st->failed);
		TRY(ferry_wait(st->ferry, &st->moved));
	}
	return st->failed;
}
