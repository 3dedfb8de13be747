/*
 * trace.c - traces: the list, that the processes know of it, and packets on their
 * way to scripts.  They end with their script's connection or process.
 */
#include "broker/api/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api/hook.h"
#include "broker/api/telling.h"

/* ---- what processes are told ---- */

static void
tapped(void *ctx, nt status, const struct trace_tap_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_info("a process did not take a trace status=%s", nt_name(status));
	telling_done(ctx);
}

static void
untapped(void *ctx, nt status, const struct trace_untap_rsp *rsp, struct span data)
{
	struct telling *t = ctx;

	(void)data;
	if (!nt_failed(status) && rsp)
		telling_lost(t, rsp->lost);
	telling_done(t);
}

static void
trace_tell(const struct trace *x, struct link *l, struct telling *t)
{
	const struct call_opt opt = { .timeout_ms = TOLD_MS };

	if (l)
		telling_asked(t, trace_tap_call(l, &x->is, &opt, tapped, t));
}

static void
trace_untell(const struct trace *x, struct link *l, struct telling *t)
{
	const struct trace_untap_req req = { .trace = x->is.trace };
	const struct call_opt opt	 = { .timeout_ms = TOLD_MS };

	if (l)
		telling_asked(t, trace_untap_call(l, &req, &opt, untapped, t));
}

static void
trace_each(const struct trace *x, void (*fn)(const struct trace *, struct link *, struct telling *),
	   struct telling *t)
{
	struct node *node = x->api->node;

	if (x->of_client) {
		fn(x, x->owner->session != 0 ? node_find(node, x->owner->session) : NULL, t);
		return;
	}
	for (struct link *l = node_next(node, NULL); l; l = node_next(node, l)) {
		if (link_role(l) == PEER_WORKER || link_role(l) == PEER_GATE)
			fn(x, l, t);
	}
}

void
traces_tell(struct api *me, struct link *l)
{
	struct telling *t = telling_new(NULL);

	for (struct trace *x = me->traces; x; x = x->next) {
		if (!x->of_client)
			trace_tell(x, l, t);
	}
	telling_done(t);
}

void
traces_tell_session(struct api *me, const struct owner *o)
{
	struct telling *t = telling_new(NULL);

	for (struct trace *x = me->traces; x; x = x->next) {
		if (x->of_client && x->owner == o)
			trace_each(x, trace_tell, t);
	}
	telling_done(t);
}

/* ---- the list ---- */

static struct trace *
trace_new(struct request *rq, const struct trace_tap_req *is, bool of_client)
{
	struct api *me	= rq->api;
	struct trace *x = xcalloc(1, sizeof *x);

	*x = (struct trace){ .next = me->traces, .api = me, .to = rq->from, .owner = rq->owner,
			     .of_client = of_client, .is = *is };
	if (me->last_trace == 0) /* none of an api before this one */
		me->last_trace = (uint32_t)random_u64() & 0x3fffffff;
	x->is.trace = ++me->last_trace;
	x->follow   = follow_enter(me, rq->user.pid);
	field_keep(x->user, &x->is.user);
	field_keep(x->share, &x->is.share);
	x->owner->n_watches++;
	me->traces = x;
	return x;
}

/* rq: is answered when all know; NULL: nobody waits. */
static void
trace_drop(struct trace *x, struct request *rq)
{
	struct telling *t = telling_new(rq);
	struct trace **at = &x->api->traces;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	telling_lost(t, x->lost);
	trace_each(x, trace_untell, t);
	if (x->follow)
		follow_drop(x->follow);
	x->owner->n_watches--;
	owner_release(x->api, x->owner);
	free(x);
	telling_done(t);
}

static void
traces_end(struct api *me, const struct follow *f, const struct owner *o)
{
	struct trace *x, *next;

	for (x = me->traces; x; x = next) {
		next = x->next;
		if ((f && x->follow == f) || (o && x->owner == o))
			trace_drop(x, NULL);
	}
}

void
traces_leave(struct api *me, const struct follow *f)
{
	traces_end(me, f, NULL);
}

void
traces_of_owner(struct api *me, const struct owner *o)
{
	traces_end(me, NULL, o);
}

static struct trace *
trace_find(struct api *me, uint32_t id)
{
	struct trace *x = me->traces;

	while (x && x->is.trace != id)
		x = x->next;
	return x;
}

/* ---- methods ---- */

static bool
too_many(const struct request *rq, bool of_client)
{
	size_t n = 0;

	for (const struct trace *x = rq->api->traces; x; x = x->next)
		n += x->of_client == of_client && (!of_client || x->owner == rq->owner);
	return n >= (of_client ? TRACES_OF_OWNER : TRACES_MAX) ||
	       rq->owner->n_watches >= WATCHES_OF_UID;
}

static nt
trace_begin(struct request *rq, bool of_client, char *why)
{
	struct trace_tap_req is	 = { 0 };
	struct trace_add_req req = { 0 };
	struct telling *t;
	struct trace *x;

	TRY(hook_fields(rq, &trace_add_desc, &req, why));
	TRY(trace_read(&req, &is, why));
	if (too_many(rq, of_client)) {
		(void)snprintf(why, JSON_WHY, "there are too many traces already");
		return STATUS_QUOTA_EXCEEDED;
	}
	x = trace_new(rq, &is, of_client);
	log_audit("a script traces packets by=%s of=%s trace=%u payload=%s", x->owner->name,
		  of_client ? "client" : "server", x->is.trace, is.payload ? "yes" : "no");
	rq->reply = json_pack("{s:I}", "trace", (json_int_t)x->is.trace);
	t	  = telling_new(rq);
	trace_each(x, trace_tell, t);
	telling_done(t);
	return STATUS_SUCCESS;
}

nt
trace_add_prepare(struct request *rq, char *why)
{
	return trace_begin(rq, false, why);
}

nt
client_trace_prepare(struct request *rq, char *why)
{
	return trace_begin(rq, true, why);
}

nt
trace_remove_prepare(struct request *rq, char *why)
{
	struct trace_remove_req req = { 0 };
	struct trace *x;

	TRY(hook_fields(rq, &trace_remove_desc, &req, why));
	x = trace_find(rq->api, req.trace);
	REQUIRE(x && x->owner == rq->owner, STATUS_NOT_FOUND);
	rq->reply = json_pack("{s:i}", "lost", 0);
	trace_drop(x, rq);
	return STATUS_SUCCESS;
}

static json_t *
trace_json(const struct trace *x)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:b, s:o, s:o}", "trace",
			 (json_int_t)x->is.trace, "of", x->of_client ? "client" : "server", "owner",
			 x->owner->name, "user", x->user, "share", x->share, "payload",
			 x->is.payload, "packets", json_u64(x->packets), "lost", json_u64(x->lost));
}

void
trace_list_complete(struct request *rq)
{
	json_t *rows = json_array();
	bool all     = request_role(rq) == API_ADMIN;

	for (const struct trace *x = rq->api->traces; x; x = x->next) {
		if (all || x->owner == rq->owner)
			(void)json_array_append_new(rows, trace_json(x));
	}
	(void)json_object_set_new(rq->reply, "traces", rows);
}

/* ---- packets ---- */

/* A session process speaks to its owner alone. */
static bool
may_tell(struct api *me, struct link *l, const struct trace *x)
{
	if (link_role(l) != PEER_SESSION)
		return !x->of_client;
	return x->of_client && owner_of_peer(me, link_peer(l)) == x->owner;
}

nt
trace_packet(struct api *me, struct call *c, const struct trace_packet_req *req,
	     struct trace_packet_rsp *rsp)
{
	struct trace *x = trace_find(me, req->trace);
	json_t *json;

	(void)rsp;
	REQUIRE(x && may_tell(me, call_link(c), x), STATUS_NOT_FOUND);
	json = json_from_fields(trace_packet_desc.req(), trace_packet_desc.n_req, req);
	(void)json_object_set_new(json, "kind", json_string("packet"));
	x->lost += req->lost;
	(void)json_object_set_new(json, "lost", json_u64(x->lost));
	x->packets++;
	if (door_event_binary(&x->to, json, call_data(c)))
		x->lost = 0;
	else if (x->to.door->gone)
		trace_drop(x, NULL);
	else
		x->lost++;
	json_decref(json);
	return STATUS_SUCCESS;
}
