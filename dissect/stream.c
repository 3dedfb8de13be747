/*
 * stream.c - connections and the order of their segments.  [RFC 9293] 3.4, 3.10
 * What a message is, assemble.c knows.
 */
#include "dissect/stream.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "dissect/assemble.h"

struct pending {
	uint32_t seq;
	uint32_t missing;
	size_t n;
	uint8_t *bytes;
};

struct direction {
	bool synced;
	uint32_t next; /* sequence number expected */
	size_t n_pending;
	struct pending pending[PENDING_MAX]; /* by sequence number */
	struct assembly assembly;
};

struct stream {
	bool used;
	uint64_t number, last_seen;
	struct endpoint ends[2]; /* ends[i] sends direction i */
	int client;		 /* 0 or 1; -1 unknown */
	void *user;
	struct direction directions[2];
};

struct streams {
	struct stream_sink sink;
	uint64_t count, clock;
	size_t held; /* bytes in memory, all streams together */
	size_t top;  /* streams behind it were never used */
	struct stream streams[STREAMS_MAX];
};

struct streams *
streams_new(struct stream_sink sink)
{
	struct streams *s = xcalloc(1, sizeof *s);

	s->sink = sink;
	return s;
}

/* ---- handing out ---- */

/* A segment in order, on its way into the assembly. */
struct feed {
	struct streams *all;
	struct stream *stream;
	const struct packet *packet;
	int dir;
};

static void
frame_out(void *ctx, struct span bytes, uint32_t missing)
{
	const struct feed *f = ctx;
	struct stream *s     = f->stream;
	struct frame frame   = { .number  = f->packet->number,
				 .time	  = f->packet->time,
				 .from	  = &s->ends[f->dir],
				 .to	  = &s->ends[!f->dir],
				 .stream  = s->number,
				 .bytes	  = bytes,
				 .missing = missing,
				 .user	  = &s->user };

	if (s->client >= 0)
		frame.side = s->client == f->dir ? SIDE_CLIENT : SIDE_SERVER;
	f->all->sink.frame(f->all->sink.ctx, &frame);
}

/* Assembly counts what it holds, so that all of them together stay below the bound. */
static struct assembler
assembler_of(struct feed *f)
{
	return (struct assembler){ .frame = frame_out,
				   .ctx	  = f,
				   .held  = &f->all->held,
				   .bound = STREAM_BYTES_MAX };
}

static void
deliver(struct feed *f, struct span bytes, uint32_t missing)
{
	struct direction *d = &f->stream->directions[f->dir];
	struct assembler a  = assembler_of(f);

	assembly_add(&d->assembly, &a, bytes);
	if (missing > 0)
		assembly_gap(&d->assembly, &a, missing);
	d->next += (uint32_t)bytes.n + missing;
}

/* ---- order ---- */

/* Sequence numbers wrap: a is before b if the way there is the shorter one. */
static int32_t
distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

static void
pending_drop(struct feed *f, struct direction *d, size_t i)
{
	f->all->held -= d->pending[i].n;
	free(d->pending[i].bytes);
	d->n_pending--;
	memmove(&d->pending[i], &d->pending[i + 1], (d->n_pending - i) * sizeof d->pending[0]);
}

/* Takes what is new of a segment that starts at or before the expected number. */
static void
segment_take(struct feed *f, uint32_t seq, struct span bytes, uint32_t missing)
{
	struct direction *d = &f->stream->directions[f->dir];
	uint32_t old	    = (uint32_t)distance(seq, d->next);

	if (old >= bytes.n) {
		old -= (uint32_t)bytes.n;
		if (old < missing)
			deliver(f, SPAN_NONE, missing - old);
		return;
	}
	deliver(f, SPAN(bytes.p + old, bytes.n - old), missing);
}

static void
pending_take(struct feed *f)
{
	struct direction *d = &f->stream->directions[f->dir];

	while (d->n_pending > 0 && distance(d->next, d->pending[0].seq) <= 0) {
		struct pending p = d->pending[0];

		segment_take(f, p.seq, SPAN(p.bytes, p.n), p.missing);
		pending_drop(f, d, 0);
	}
}

/* The gap before the first waiting segment will not close any more. */
static void
gap_give_up(struct feed *f)
{
	struct direction *d = &f->stream->directions[f->dir];

	if (d->n_pending == 0)
		return;
	deliver(f, SPAN_NONE, (uint32_t)distance(d->next, d->pending[0].seq));
	pending_take(f);
}

static void
pending_add(struct feed *f, uint32_t seq, struct span bytes, uint32_t missing)
{
	struct direction *d = &f->stream->directions[f->dir];
	struct pending p    = { .seq = seq, .missing = missing, .n = bytes.n };
	size_t i	    = 0;

	if (d->n_pending == PENDING_MAX || bytes.n > STREAM_BYTES_MAX - f->all->held) {
		gap_give_up(f);
		if (distance(d->next, seq) <= 0) {
			segment_take(f, seq, bytes, missing);
			pending_take(f);
			return;
		}
		if (d->n_pending == PENDING_MAX || bytes.n > STREAM_BYTES_MAX - f->all->held)
			return; /* lost; a gap from here on */
	}
	while (i < d->n_pending && distance(d->pending[i].seq, seq) >= 0)
		i++;
	p.bytes = malloc(bytes.n > 0 ? bytes.n : 1);
	if (!p.bytes)
		fatal("out of memory");
	if (bytes.n > 0)
		memcpy(p.bytes, bytes.p, bytes.n);
	memmove(&d->pending[i + 1], &d->pending[i], (d->n_pending - i) * sizeof d->pending[0]);
	d->pending[i] = p;
	d->n_pending++;
	f->all->held += p.n;
}

static void
direction_feed(struct feed *f, const struct segment *seg)
{
	struct direction *d = &f->stream->directions[f->dir];
	uint32_t seq	    = seg->seq + (seg->flags & TCP_SYN ? 1 : 0);

	if (!d->synced || seg->flags & TCP_SYN) {
		d->synced = true;
		d->next	  = seq;
	}
	if (seg->payload.n == 0 && seg->missing == 0)
		return;
	if (distance(d->next, seq) > 0) {
		pending_add(f, seq, seg->payload, seg->missing);
		return;
	}
	segment_take(f, seq, seg->payload, seg->missing);
	pending_take(f);
}

/* ---- connections ---- */

/* Nothing more will come: gaps are given up, a message begun is handed out cut. */
static void
stream_end(struct streams *all, struct stream *s, const struct packet *packet)
{
	struct packet none = { 0 };

	for (int dir = 0; dir < 2; dir++) {
		struct feed f	   = { all, s, packet ? packet : &none, dir };
		struct assembler a = assembler_of(&f);

		while (s->directions[dir].n_pending > 0)
			gap_give_up(&f);
		assembly_end(&s->directions[dir].assembly, &a);
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
		    distance(seg->seq + 1, s->directions[*dir].next) == 0)
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
	direction_feed(&f, seg);
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
