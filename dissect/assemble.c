/*
 * assemble.c - one message at a time.  The buffer grows with what has come, never
 * by what a length field promises.
 */
#include "dissect/assemble.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "proto/smb2/header.h"
#include "proto/transport.h"

#define LOOK 8	/* bytes by which a start is known: the length, and an SMB ProtocolId */

/* Session messages have type 0; the other NetBIOS packets carry no SMB. */
static bool
is_session_service(uint8_t type)
{
	return type >= 0x81 && type <= 0x85;
}

static bool
is_smb(const uint8_t *p)
{
	return smb2_kind_of(SPAN(p + TRANSPORT_HDR_SIZE, 4)) != SMB2_KIND_OTHER;
}

/* The length of the whole packet that starts at p; 0 if none can start so. */
static size_t
packet_size(const uint8_t *p, size_t n)
{
	uint32_t len;

	if (is_session_service(p[0]))
		return TRANSPORT_HDR_SIZE + ((size_t)p[2] << 8 | p[3]);
	if (!nt_ok(transport_decode(p, &len)) || len < 4)
		return 0;
	if (n >= LOOK && !is_smb(p))
		return 0;
	return TRANSPORT_HDR_SIZE + (size_t)len;
}

static void
buffer_clear(struct assembly *a, const struct assembler *out)
{
	*out->held -= a->cap;
	free(a->buf);
	a->buf = NULL;
	a->n = a->cap = 0;
}

/* False if all of them together hold too much. */
static bool
buffer_add(struct assembly *a, const struct assembler *out, const uint8_t *p, size_t n)
{
	size_t cap = a->cap ? a->cap : 512;

	while (cap - a->n < n)
		cap *= 2;
	if (cap > a->cap) {
		if (cap - a->cap > out->bound - *out->held)
			return false;
		*out->held += cap - a->cap;
		a->cap = cap;
		a->buf = realloc(a->buf, cap);
		if (!a->buf)
			fatal("out of memory");
	}
	memcpy(a->buf + a->n, p, n);
	a->n += n;
	return true;
}

static void
frame_put(const struct assembler *out, const uint8_t *p, size_t n, uint32_t missing)
{
	if (n >= LOOK && p[0] == 0)
		out->frame(out->ctx, SPAN(p + TRANSPORT_HDR_SIZE, n - TRANSPORT_HDR_SIZE), missing);
}

static void
lose(struct assembly *a, const struct assembler *out)
{
	buffer_clear(a, out);
	a->lost = true;
}

/* Whole packets straight from the segment, without a copy; returns what is left of it. */
static struct span
whole_take(struct assembly *a, const struct assembler *out, struct span s)
{
	while (s.n >= TRANSPORT_HDR_SIZE) {
		size_t size = packet_size(s.p, s.n);

		if (size == 0) {
			lose(a, out);
			return SPAN_NONE;
		}
		if (size > s.n)
			break;
		frame_put(out, s.p, size, 0);
		s = SPAN(s.p + size, s.n - size);
	}
	return s;
}

/* Bytes the buffer must have before more can be said, or all of the packet; 0: it is none. */
static size_t
begun_want(const struct assembly *a)
{
	if (a->n < TRANSPORT_HDR_SIZE)
		return TRANSPORT_HDR_SIZE;
	if (a->buf[0] == 0 && a->n < LOOK)
		return LOOK;
	return packet_size(a->buf, a->n);
}

/* Completes the packet in the buffer as far as s goes; returns what is left of s. */
static struct span
begun_take(struct assembly *a, const struct assembler *out, struct span s)
{
	while (a->n > 0) {
		size_t want = begun_want(a), take;

		if (want > 0 && a->n >= want) {
			frame_put(out, a->buf, a->n, 0);
			buffer_clear(a, out);
			break;
		}
		take = want > a->n ? want - a->n : 0;
		take = take < s.n ? take : s.n;
		if (want == 0 || (take > 0 && !buffer_add(a, out, s.p, take))) {
			lose(a, out);
			return SPAN_NONE;
		}
		if (take == 0)
			break;
		s = SPAN(s.p + take, s.n - take);
	}
	return s;
}

/* From the first place that looks like a message's start. */
static struct span
start_find(struct span s)
{
	for (; s.n >= LOOK; s = SPAN(s.p + 1, s.n - 1)) {
		if (s.p[0] == 0 && is_smb(s.p) && packet_size(s.p, s.n) > 0)
			return s;
	}
	return SPAN_NONE;
}

void
assembly_add(struct assembly *a, const struct assembler *out, struct span s)
{
	if (a->lost) {
		s = start_find(s);
		if (s.n == 0)
			return;
		a->lost = false;
	}
	s = begun_take(a, out, s);
	s = whole_take(a, out, s);
	if (s.n > 0 && !buffer_add(a, out, s.p, s.n))
		lose(a, out);
}

/* A gap that ends inside the message leaves its end unknown, but not where the next one starts. */
void
assembly_gap(struct assembly *a, const struct assembler *out, uint32_t n)
{
	size_t want = a->n >= LOOK ? packet_size(a->buf, a->n) : 0;

	if (want > a->n)
		frame_put(out, a->buf, a->n, (uint32_t)(want - a->n));
	if (want > a->n && n == want - a->n)
		buffer_clear(a, out);
	else
		lose(a, out);
}

void
assembly_end(struct assembly *a, const struct assembler *out)
{
	size_t want = a->n >= LOOK ? packet_size(a->buf, a->n) : 0;

	if (want > a->n)
		frame_put(out, a->buf, a->n, (uint32_t)(want - a->n));
	buffer_clear(a, out);
}
