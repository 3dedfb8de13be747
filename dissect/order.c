/*
 * order.c - the segments of one direction put in order, and handed to the assembly
 * of messages.  [RFC9293] 3.4, 3.10
 */
#include "dissect/stream_parts.h"

#include <stdlib.h>

#include "base/fatal.h"

/* ---- handing out ---- */

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
	uint32_t old	    = (uint32_t)seq_distance(seq, d->next);

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

	while (d->n_pending > 0 && seq_distance(d->next, d->pending[0].seq) <= 0) {
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
	deliver(f, SPAN_NONE, (uint32_t)seq_distance(d->next, d->pending[0].seq));
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
		if (seq_distance(d->next, seq) <= 0) {
			segment_take(f, seq, bytes, missing);
			pending_take(f);
			return;
		}
		if (d->n_pending == PENDING_MAX || bytes.n > STREAM_BYTES_MAX - f->all->held)
			return; /* lost; a gap from here on */
	}
	while (i < d->n_pending && seq_distance(d->pending[i].seq, seq) >= 0)
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

void
order_feed(struct feed *f, const struct segment *seg)
{
	struct direction *d = &f->stream->directions[f->dir];
	uint32_t seq	    = seg->seq + (seg->flags & TCP_SYN ? 1 : 0);

	if (!d->synced || seg->flags & TCP_SYN) {
		d->synced = true;
		d->next	  = seq;
	}
	if (seg->payload.n == 0 && seg->missing == 0)
		return;
	if (seq_distance(d->next, seq) > 0) {
		pending_add(f, seq, seg->payload, seg->missing);
		return;
	}
	segment_take(f, seq, seg->payload, seg->missing);
	pending_take(f);
}

void
order_end(struct feed *f)
{
	struct direction *d = &f->stream->directions[f->dir];
	struct assembler a  = assembler_of(f);

	while (d->n_pending > 0)
		gap_give_up(f);
	assembly_end(&d->assembly, &a);
}
