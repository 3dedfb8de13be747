/*
 * tap.c - who wants to see packets, and those on their way there.
 */
#include "tap/tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proto/smb2/redact.h"

void
taps_init(struct taps *all, struct node *node)
{
	all->node = node;
	node_set_taps(node, all);
}

static struct tap *
tap_find(struct taps *all, uint32_t trace)
{
	for (uint32_t i = 0; i < TRACES_MAX; i++) {
		if (all->taps[i].is.trace == trace)
			return &all->taps[i];
	}
	return NULL;
}

static void
tap_drop(struct taps *all, struct tap *t)
{
	memset(t, 0, sizeof *t);
	if (--all->n == 0) {
		free(all->room);
		all->room = NULL;
	}
}

void
taps_clear(struct taps *all)
{
	for (uint32_t i = 0; i < TRACES_MAX; i++) {
		if (all->taps[i].is.trace != 0)
			tap_drop(all, &all->taps[i]);
	}
}

/* ---- what the api says ---- */

static void
str_keep(char dst[NAME_BOUND + 1], struct str *s)
{
	if (s->n > 0)
		memcpy(dst, s->s, s->n);
	dst[s->n] = '\0';
	s->s	  = dst;
}

static nt
tap_add(struct taps *all, const struct trace_tap_req *req)
{
	struct tap *t = tap_find(all, 0);

	REQUIRE(req->trace != 0 && req->snap <= TRACE_SNAP_MAX, STATUS_INVALID_PARAMETER);
	if (tap_find(all, req->trace))
		return STATUS_SUCCESS;
	REQUIRE(t, STATUS_INSUFFICIENT_RESOURCES);
	if (!all->room)
		all->room = malloc(TRACE_SNAP_MAX);
	REQUIRE(all->room, STATUS_INSUFFICIENT_RESOURCES);
	t->is = *req;
	str_keep(t->user, &t->is.user);
	str_keep(t->share, &t->is.share);
	all->n++;
	return STATUS_SUCCESS;
}

void
trace_tap_serve(void *me, struct call *c, struct span body)
{
	struct trace_tap_req req;
	nt s = trace_tap_req_decode(body, &req);

	(void)me;
	if (!nt_failed(s))
		s = tap_add(call_taps(c), &req);
	call_answer(c, s, SPAN_NONE);
}

void
trace_untap_serve(void *me, struct call *c, struct span body)
{
	struct taps *all	    = call_taps(c);
	struct trace_untap_rsp rsp = { 0 };
	struct trace_untap_req req = { 0 };
	nt s			    = trace_untap_req_decode(body, &req);
	struct tap *t		    = req.trace != 0 ? tap_find(all, req.trace) : NULL;
	struct wr w;

	(void)me;
	if (!nt_failed(s) && !t)
		s = STATUS_NOT_FOUND;
	if (!nt_failed(s)) {
		rsp.lost = t->lost;
		tap_drop(all, t);
	}
	w = msg_room();
	if (!nt_failed(s))
		trace_untap_rsp_encode(&w, &rsp);
	call_answer(c, s, wr_done(&w));
}

/* ---- packets ---- */

/* The oldest one's answer: whichever it was, the sum is right when all are back. */
static void
told(void *ctx, nt status, const struct trace_packet_rsp *rsp, struct span data)
{
	struct taps *all = ctx;

	(void)status;	/* a trace that has ended, or an api that has */
	(void)rsp;
	(void)data;
	all->out_bytes -= all->sizes[all->first];
	all->first = (all->first + 1) % TAP_OUT_MAX;
	all->out--;
}

/* At most room bytes of it; *ret_total is how many there are. */
static size_t
gather(const struct tap_packet *p, uint8_t *to, size_t room, size_t *ret_total)
{
	size_t n = 0, total = 0;

	for (size_t i = 0; i < p->n_iov; i++) {
		size_t take = p->iov[i].iov_len < room - n ? p->iov[i].iov_len : room - n;

		if (take > 0)
			memcpy(to + n, p->iov[i].iov_base, take);
		n += take;
		total += p->iov[i].iov_len;
	}
	*ret_total = total;
	return n;
}

static void
tap_tell(struct taps *all, struct tap *t, struct trace_packet_req *q, struct span bytes)
{
	struct link *api	  = node_peer(all->node, PEER_API);
	const struct call_opt opt = { .data = bytes };

	q->trace = t->is.trace;
	q->lost	 = t->lost;
	if (!api || all->out >= TAP_OUT_MAX || all->out_bytes + bytes.n > TAP_OUT_BYTES ||
	    nt_failed(trace_packet_call(api, q, &opt, told, all))) {
		t->lost++;
		return;
	}
	t->lost						      = 0;
	all->sizes[(all->first + all->out++) % TAP_OUT_MAX] = (uint32_t)bytes.n;
	all->out_bytes += bytes.n;
}

static void
tap_show(struct taps *all, struct tap *t, const struct tap_packet *p, uint64_t now)
{
	size_t snap = t->is.snap > 0 ? t->is.snap : TRACE_SNAP, total, n;
	struct trace_packet_req q = { .time = now, .answer = p->answer, .encrypted = p->encrypted,
				      .blank = !t->is.payload, .client = p->client,
				      .server = p->server, .connection = p->connection,
				      .session = p->session, .user = str_of(p->user) };
	struct smb2_shown shown;

	n     = gather(p, all->room, snap, &total);
	shown = smb2_redact(all->room, n, total, p->answer, t->is.payload);
	if (shown.blank)
		q.zeros = (uint32_t)(total - shown.n);
	else
		q.missing = (uint32_t)(total - shown.n);
	tap_tell(all, t, &q, SPAN(all->room, shown.n));
}

void
taps_show(struct taps *all, uint32_t which, const struct tap_packet *p)
{
	uint64_t now = clock_real_ns();

	for (uint32_t i = 0; i < TRACES_MAX; i++) {
		if ((which & 1u << i) && all->taps[i].is.trace != 0)
			tap_show(all, &all->taps[i], p, now);
	}
}
