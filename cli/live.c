/*
 * live.c - packets through a pipe: `bulkhead trace` hands them to `bulkhead dissect`,
 * which has nothing but that pipe and its output.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "cli/traced.h"
#include "proto/transport.h"

#define ENDPOINT_SIZE 19u
#define RECORD_SIZE   (8u + 1u + 2 * ENDPOINT_SIZE + 3 * 4u)
#define ANSWER	      0x01u
#define OPENED	      0x02u

static bool
put_all(int fd, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

bool
live_begin(int fd)
{
	return put_all(fd, LIVE_HEAD, PCAP_HEAD);
}

static void
endpoint_put(struct wr *w, const struct endpoint *e)
{
	wr_u8(w, e->n);
	wr_bytes(w, e->address, sizeof e->address);
	wr_u16(w, e->port);
}

bool
live_put(int fd, const struct traced *t)
{
	uint8_t head[RECORD_SIZE];
	struct wr w = wr_init(head, sizeof head);

	wr_u64(&w, t->time);
	wr_u8(&w, (uint8_t)((t->answer ? ANSWER : 0) | (t->opened ? OPENED : 0)));
	endpoint_put(&w, &t->client);
	endpoint_put(&w, &t->server);
	wr_u32(&w, t->zeros);
	wr_u32(&w, t->missing);
	wr_u32(&w, (uint32_t)t->n);
	ENSURE(wr_ok(&w));
	return put_all(fd, head, w.pos) && put_all(fd, t->bytes, t->n);
}

/* ---- the other end ---- */

/* A connection that packets were seen of. */
struct seen {
	uint64_t number, last;
	struct endpoint client, server;
	void *user;	/* the follow's */
};

struct live {
	struct follow *follow;
	struct seen seen[STREAMS_MAX];
	size_t n;
	uint64_t connections, packets;
	uint8_t *room;	/* TRANSPORT_LEN_MAX bytes */
};

static void
endpoint_get(struct rd *r, struct endpoint *ret)
{
	ret->n = rd_u8(r);
	rd_copy(r, ret->address, sizeof ret->address);
	ret->port = rd_u16(r);
}

static bool
record_get(struct input *in, struct live *l, struct traced *ret)
{
	uint8_t head[RECORD_SIZE];
	struct rd r   = rd_init(SPAN(head, sizeof head));
	uint8_t flags;

	if (input_read(in, head, sizeof head) < sizeof head)
		return false;
	ret->time = rd_u64(&r);
	flags	  = rd_u8(&r);
	endpoint_get(&r, &ret->client);
	endpoint_get(&r, &ret->server);
	ret->zeros   = rd_u32(&r);
	ret->missing = rd_u32(&r);
	ret->n	     = rd_u32(&r);
	ret->answer  = flags & ANSWER;
	ret->opened  = flags & OPENED;
	if (!rd_ok(&r) || ret->client.n > 16 || ret->server.n > 16 || ret->n > TRANSPORT_LEN_MAX ||
	    ret->zeros > TRANSPORT_LEN_MAX - ret->n)
		fatal("a record that makes no sense");
	memset(l->room + ret->n, 0, ret->zeros);
	return input_read(in, l->room, ret->n) == ret->n;
}

static bool
is_of(const struct seen *s, const struct traced *t)
{
	return memcmp(&s->client, &t->client, sizeof s->client) == 0 &&
	       memcmp(&s->server, &t->server, sizeof s->server) == 0;
}

/* The one that was silent for longest makes room. */
static struct seen *
seen_of(struct live *l, const struct traced *t)
{
	struct seen *s = &l->seen[0];

	for (size_t i = 0; i < l->n; i++) {
		if (is_of(&l->seen[i], t))
			return &l->seen[i];
		if (l->seen[i].last < s->last)
			s = &l->seen[i];
	}
	if (l->n < STREAMS_MAX)
		s = &l->seen[l->n++];
	else
		follow_gone(l->follow, s->user);
	*s = (struct seen){ .number = ++l->connections };
	memcpy(&s->client, &t->client, sizeof s->client);
	memcpy(&s->server, &t->server, sizeof s->server);
	return s;
}

static void
record_show(struct live *l, const struct traced *t)
{
	struct seen *s	   = seen_of(l, t);
	struct frame frame = { .number	= ++l->packets,
			       .time	= t->time,
			       .from	= t->answer ? &s->server : &s->client,
			       .to	= t->answer ? &s->client : &s->server,
			       .side	= t->answer ? SIDE_SERVER : SIDE_CLIENT,
			       .stream	= s->number,
			       .bytes	= SPAN(l->room, t->n + t->zeros),
			       .missing = t->missing,
			       .user	= &s->user,
			       .shown	= true,
			       .opened	= t->opened };

	s->last = l->packets;
	follow_frame(l->follow, &frame);
}

void
live_read(struct input *in, struct follow *f, struct printer *p)
{
	struct live *l = xcalloc(1, sizeof *l);
	struct traced t;

	l->follow = f;
	l->room	  = xcalloc(1, TRANSPORT_LEN_MAX);
	for (memset(&t, 0, sizeof t); record_get(in, l, &t); memset(&t, 0, sizeof t)) {
		if (l->packets == 0)
			p->start = t.time;
		record_show(l, &t);
	}
	for (size_t i = 0; i < l->n; i++)
		follow_gone(f, l->seen[i].user);
	free(l->room);
	free(l);
}
