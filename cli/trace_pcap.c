/*
 * trace_pcap.c - a capture of what was on no wire: messages in the clear, with IP
 * and TCP headers made up around them.  [draft-ietf-opsawg-pcap]
 *
 * The server's port is written as 445, by which Wireshark knows SMB; checksums are 0.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "cli/traced.h"
#include "proto/transport.h"

#define MAGIC_NS    0xa1b23c4du
#define SEGMENT_MAX 65000u
#define FLOWS_MAX   4096u
#define SMB_PORT    445u
#define HEADERS_MAX 64u
#define PROTO_TCP   6u

struct flow {
	struct flow *next;
	struct endpoint client, server;
	uint32_t seq[2];	/* of the client, of the server */
};

struct capture {
	FILE *file;
	struct flow *flows;	/* the one that was used last comes first */
	size_t n;
};

/* One IP packet on its way into the file. */
struct segment_out {
	struct flow *flow;
	uint64_t time;
	bool answer;
	uint8_t flags;
	size_t length;	/* of its payload … */
	const uint8_t *bytes;
	size_t kept;	/* … and what is there of it */
};

static bool
same(const struct endpoint *a, const struct endpoint *b)
{
	return a->n == b->n && a->port == b->port && memcmp(a->address, b->address, a->n) == 0;
}

struct capture *
capture_new(FILE *f)
{
	struct capture *c = xcalloc(1, sizeof *c);
	uint8_t head[24];
	struct wr w = wr_init(head, sizeof head);

	c->file = f;
	wr_u32(&w, MAGIC_NS);
	wr_u16(&w, 2);
	wr_u16(&w, 4);
	wr_zero(&w, 8);
	wr_u32(&w, 0x40000);
	wr_u32(&w, LINK_RAW);
	(void)fwrite(head, 1, w.pos, f);
	return c;
}

void
capture_drop(struct capture *c)
{
	struct flow *f;

	while (c && (f = c->flows)) {
		c->flows = f->next;
		free(f);
	}
	free(c);
}

/* ---- headers ---- */

static void
wr_u16be(struct wr *w, size_t v)
{
	wr_u8(w, (uint8_t)(v >> 8));
	wr_u8(w, (uint8_t)v);
}

static void
wr_u32be_(struct wr *w, uint32_t v)
{
	wr_u16be(w, v >> 16);
	wr_u16be(w, v & 0xffff);
}

static void
ip_put(struct wr *w, const struct endpoint *from, const struct endpoint *to, size_t payload)
{
	if (from->n == 16) {
		wr_u32be_(w, 0x60000000);
		wr_u16be(w, payload);
		wr_u8(w, PROTO_TCP);
		wr_u8(w, 64);
	} else {
		wr_u16be(w, 0x4500);
		wr_u16be(w, 20 + payload);
		wr_u32be_(w, 0x00004000);
		wr_u8(w, 64);
		wr_u8(w, PROTO_TCP);
		wr_u16be(w, 0);
	}
	wr_bytes(w, from->address, from->n);
	wr_bytes(w, to->address, from->n);
}

static void
segment_put(struct capture *c, const struct segment_out *s)
{
	const struct flow *f	    = s->flow;
	const struct endpoint *from = s->answer ? &f->server : &f->client;
	const struct endpoint *to   = s->answer ? &f->client : &f->server;
	uint8_t head[16 + HEADERS_MAX];
	struct wr w = wr_init(head, sizeof head);
	size_t ip   = (from->n == 16 ? 40u : 20u) + 20u;

	wr_u32(&w, (uint32_t)(s->time / 1000000000));
	wr_u32(&w, (uint32_t)(s->time % 1000000000));
	wr_u32(&w, (uint32_t)(ip + s->kept));
	wr_u32(&w, (uint32_t)(ip + s->length));
	ip_put(&w, from, to, 20 + s->length);
	wr_u16be(&w, s->answer ? SMB_PORT : from->port);
	wr_u16be(&w, s->answer ? to->port : SMB_PORT);
	wr_u32be_(&w, f->seq[s->answer]);
	wr_u32be_(&w, s->flags & TCP_ACK ? f->seq[!s->answer] : 0);
	wr_u16be(&w, 0x5000u | s->flags);
	wr_u16be(&w, 0xffff);
	wr_zero(&w, 4);
	ENSURE(wr_ok(&w));
	(void)fwrite(head, 1, w.pos, c->file);
	if (s->kept > 0)
		(void)fwrite(s->bytes, 1, s->kept, c->file);
}

/* ---- connections ---- */

static void
handshake_put(struct capture *c, struct flow *f, uint64_t time)
{
	struct segment_out s = { .flow = f, .time = time, .flags = TCP_SYN };

	segment_put(c, &s);
	f->seq[0]++;
	s.answer = true;
	s.flags	 = TCP_SYN | TCP_ACK;
	segment_put(c, &s);
	f->seq[1]++;
	s.answer = false;
	s.flags	 = TCP_ACK;
	segment_put(c, &s);
}

/* The one that was silent for longest makes room. */
static void
flows_shrink(struct capture *c)
{
	struct flow **at = &c->flows;

	while (*at && (*at)->next)
		at = &(*at)->next;
	free(*at);
	*at = NULL;
	c->n--;
}

static struct flow *
flow_of(struct capture *c, const struct traced *t)
{
	struct flow **at = &c->flows, *f;

	while (*at && !(same(&(*at)->client, &t->client) && same(&(*at)->server, &t->server)))
		at = &(*at)->next;
	f = *at;
	if (f) {
		*at = f->next;
	} else {
		if (c->n == FLOWS_MAX)
			flows_shrink(c);
		f  = xcalloc(1, sizeof *f);
		*f = (struct flow){ .client = t->client, .server = t->server };
		c->n++;
		handshake_put(c, f, t->time);
	}
	f->next	 = c->flows;
	c->flows = f;
	return f;
}

/* ---- messages ---- */

void
capture_put(struct capture *c, const struct traced *t)
{
	size_t there	     = TRANSPORT_HDR_SIZE + t->n + t->zeros;
	size_t total	     = there + t->missing, at = 0;
	uint8_t *message     = xcalloc(1, there);
	struct segment_out s = { .flow = flow_of(c, t), .time = t->time, .answer = t->answer,
				 .flags = TCP_ACK };

	transport_encode(message, (uint32_t)(total - TRANSPORT_HDR_SIZE));
	if (t->n > 0)
		memcpy(message + TRANSPORT_HDR_SIZE, t->bytes, t->n);
	while (at < total) {
		s.length = total - at < SEGMENT_MAX ? total - at : SEGMENT_MAX;
		s.bytes	 = message + (at < there ? at : 0);
		s.kept	 = at >= there ? 0 : there - at < s.length ? there - at : s.length;
		segment_put(c, &s);
		s.flow->seq[s.answer] += (uint32_t)s.length;
		at += s.length;
	}
	free(message);
}
