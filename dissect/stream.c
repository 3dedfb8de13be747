/*
 * stream.c - which connection a segment belongs to, and when one ends.  The order of
 * segments is order.c's business, what a message is, assemble.c's.
 */
#include "dissect/stream_parts.h"

#include <stdlib.h>

#include "base/fatal.h"

struct streams *
streams_new(struct stream_sink sink)
{
	struct streams *s = xcalloc(1, sizeof *s);

	s->sink = sink;
	return s;
}

static void
stream_end(struct streams *all, struct stream *s, const struct packet *packet)
{
	struct packet none = { 0 };

	for (int dir = 0; dir < 2; dir++) {
		struct feed f = { all, s, packet ? packet : &none, dir };

		order_end(&f);
	}
	if (s->user)
		all->sink.gone(all->sink.ctx, s->user);
	*s = (struct stream){ 0 };
}

static bool
endpoint_eq(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->n == b->n && memcmp(a->address, b->address, a->n) == 0;
}

/* The direction of the segment in s; -1 if it is another connection's. */
static int
stream_direction(const struct stream *s, const struct segment *seg)
{
	if (!s->used)
		return -1;
	if (endpoint_eq(&s->ends[0], &seg->from) && endpoint_eq(&s->ends[1], &seg->to))
		return 0;
	if (endpoint_eq(&s->ends[1], &seg->from) && endpoint_eq(&s->ends[0], &seg->to))
		return 1;
	return -1;
}

static struct stream *
stream_new(struct streams *all, const struct packet *packet, const struct segment *seg)
{
	struct stream *s = &all->streams[0];

	for (size_t i = 0; i < STREAMS_MAX; i++) {
		struct stream *c = &all->streams[i];

		if (!c->used || (s->used && c->last_seen < s->last_seen))
			s = c;
		if (!c->used)
			break;
	}
	if (s->used)
		stream_end(all, s, packet);
	if (all->top <= (size_t)(s - all->streams))
		all->top = (size_t)(s - all->streams) + 1;
	s->used	   = true;
	s->number  = ++all->count;
	s->ends[0] = seg->from;
	s->ends[1] = seg->to;
	s->client  = -1;
	return s;
}

static struct stream *
stream_find(struct streams *all, const struct packet *packet, const struct segment *seg, int *dir)
{
	for (size_t i = 0; i < all->top; i++) {
		struct stream *s = &all->streams[i];

		*dir = stream_direction(s, seg);
		if (*dir < 0)
			continue;
		/* The same ports again: a new connection if the numbers have nothing in common. */
		if ((seg->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN ||
		    !s->directions[*dir].synced ||
		    seq_distance(seg->seq + 1, s->directions[*dir].next) == 0)
			return s;
		stream_end(all, s, packet);
		break;
	}
	*dir = 0;
	return stream_new(all, packet, seg);
}

void
streams_feed(struct streams *all, const struct packet *packet, const struct segment *seg)
{
	struct feed f = { .all = all, .packet = packet };

	f.stream	    = stream_find(all, packet, seg, &f.dir);
	f.stream->last_seen = ++all->clock;
	if (seg->flags & TCP_SYN)
		f.stream->client = seg->flags & TCP_ACK ? !f.dir : f.dir;
	order_feed(&f, seg);
	if (seg->flags & TCP_RST)
		stream_end(all, f.stream, packet);
}

void
streams_drop(struct streams *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (all->streams[i].used)
			stream_end(all, &all->streams[i], NULL);
	}
	free(all);
}
