/*
 * watch.c - what a script is told without asking again: events of its own
 * sessions.
 *
 * Session processes know watches by numbers of ours, so that two scripts of one
 * user cannot end each other's by accident.  A script that is gone is noticed
 * by its process's end (follow.c), or when it does not take an event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/api/hook.h"
#include "broker/api/trace.h"

#define DETAIL_MAX  65536u
#define END_CALL_MS 10000u

/* number 0: all events without a watch. */
struct watch {
	struct watch *next;
	struct api *api;
	struct owner *owner;
	uint64_t peer;
	uint64_t number, theirs;
	struct address to;
	struct follow *follow;
};

/* ---- subscriptions ---- */

static void
unwatched(void *ctx, nt status, const struct client_unwatch_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* tell: the session process still sends. */
static void
watch_drop(struct watch *w, bool tell)
{
	const struct client_unwatch_req req = { .watch = w->number };
	const struct call_opt opt	    = { .timeout_ms = END_CALL_MS };
	struct watch **at		    = &w->api->watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	for (struct request *rq = w->api->requests; rq; rq = rq->next) {
		if (rq->watch == w)
			rq->watch = NULL;
	}
	if (tell && w->number != 0 && w->peer != 0)
		(void)client_unwatch_call(node_find(w->api->node, w->peer), &req, &opt, unwatched,
					  NULL)
		    .code;
	if (w->follow)
		follow_drop(w->follow);
	w->owner->n_watches--;
	owner_release(w->api, w->owner);
	free(w);
}

static struct watch *
watch_new(struct request *rq, uint64_t number)
{
	struct api *me	= rq->api;
	struct watch *w = xcalloc(1, sizeof *w);

	*w = (struct watch){
		.next = me->watches, .api = me, .owner = rq->owner, .number = number, .to = rq->from
	};
	w->follow   = follow_enter(me, rq->user.pid);
	me->watches = w;
	w->owner->n_watches++;
	return w;
}

static bool
same_connection(const struct address *a, const struct address *b)
{
	return a->door == b->door && a->route_n == b->route_n && memcmp(a->route, b->route, a->route_n) == 0;
}

static struct watch *
watch_find(const struct request *rq, bool all, uint64_t theirs)
{
	struct watch *w = rq->api->watches;

	while (w && (w->owner != rq->owner || (w->number == 0) != all || w->theirs != theirs ||
		     !same_connection(&w->to, &rq->from)))
		w = w->next;
	return w;
}

static nt
quota_check(const struct request *rq, char *why)
{
	if (rq->owner->n_watches < WATCHES_OF_UID)
		return STATUS_SUCCESS;
	(void)snprintf(why, JSON_WHY, "this user has too many watches already");
	return STATUS_QUOTA_EXCEEDED;
}

nt
watch_prepare(struct request *rq, char *why)
{
	uint64_t theirs = request_number(rq, "watch");

	TRY(quota_check(rq, why));
	if (watch_find(rq, false, theirs)) {
		(void)snprintf(why, JSON_WHY, "there is a watch of this number already");
		return STATUS_OBJECT_NAME_COLLISION;
	}
	rq->watch	  = watch_new(rq, OUR_NUMBER | ++rq->api->last_number);
	rq->watch->theirs = theirs;
	request_number_set(rq, "watch", rq->watch->number);
	return STATUS_SUCCESS;
}

void
watch_complete(struct request *rq)
{
	if (rq->watch)
		rq->watch->peer = rq->peer;
	rq->watch = NULL;
}

void
watch_forget(struct request *rq)
{
	if (rq->watch)
		watch_drop(rq->watch, false);
}

/* It gets nothing more from here on, whatever the session process says. */
nt
unwatch_prepare(struct request *rq, char *why)
{
	struct watch *w = watch_find(rq, false, request_number(rq, "watch"));

	if (!w) {
		(void)snprintf(why, JSON_WHY, "there is no watch of this number");
		return STATUS_NOT_FOUND;
	}
	request_number_set(rq, "watch", w->number);
	watch_drop(w, false);
	return STATUS_SUCCESS;
}

nt
subscribe_prepare(struct request *rq, char *why)
{
	struct watch *w = watch_find(rq, true, 0);

	if (w) {
		w->to = rq->from;
		return STATUS_SUCCESS;
	}
	TRY(quota_check(rq, why));
	(void)watch_new(rq, 0);
	return STATUS_SUCCESS;
}

nt
unsubscribe_prepare(struct request *rq, char *why)
{
	struct watch *w = watch_find(rq, true, 0);

	(void)why;
	if (w)
		watch_drop(w, false);
	return STATUS_SUCCESS;
}

/* ---- events ---- */

static json_t *
event_json(const struct api_event_req *req, struct span data)
{
	json_t *json = json_from_fields(api_event_desc.req(), api_event_desc.n_req, req);
	char why[JSON_WHY];
	json_t *detail = data.n > 0 && data.n <= DETAIL_MAX ? json_object_read(data, why) : NULL;

	if (detail)
		(void)json_object_set_new(json, "detail", detail);
	return json;
}

static void
watch_tell(struct watch *w, json_t *json)
{
	(void)json_object_set_new(json, "watch", json_u64(w->theirs));
	if (!door_event(&w->to, json))
		watch_drop(w, true);
}

nt
api_event(struct api *me, struct call *c, const struct api_event_req *req,
	  struct api_event_rsp *rsp)
{
	struct owner *o = owner_of_peer(me, link_peer(call_link(c)));
	struct watch *w, *next;
	json_t *json;

	(void)rsp;
	REQUIRE(o, STATUS_NOT_FOUND);
	json = event_json(req, call_data(c));
	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->owner == o && w->number == req->watch)
			watch_tell(w, json);
	}
	json_decref(json);
	return STATUS_SUCCESS;
}

/* Subscriptions without a number go on: there will be another process. */
void
watches_end(struct api *me, uint64_t session)
{
	struct owner *o = owner_of_peer(me, session);
	json_t *json	= json_pack("{s:s, s:s}", "kind", "ended", "message",
				    "the process with this user's client sessions has ended");
	struct watch *w, *next;

	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->peer == session || (w->number == 0 && w->owner == o))
			watch_tell(w, json);
	}
	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->peer == session)
			watch_drop(w, false);
	}
	json_decref(json);
}

/* That script's process has ended. */
void
watches_leave(struct api *me, const struct follow *f)
{
	struct watch *w, *next;

	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->follow == f)
			watch_drop(w, true);
	}
}

/* Nothing of its sessions is told any more to whoever came with that key. */
void
watches_of_owner(struct api *me, const struct owner *o)
{
	struct watch *w, *next;

	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->owner == o)
			watch_drop(w, true);
	}
}

/* ---- what session processes and workers may say ---- */

API_MESSAGES(MSG_SERVE)
API_HOOK_MESSAGES(MSG_SERVE)
API_TRACE_MESSAGES(MSG_SERVE)
API_LOGON_MESSAGES(MSG_SERVE)

const struct ipc_method api_methods[] = { API_MESSAGES(MSG_ROW) API_HOOK_MESSAGES(MSG_ROW)
	API_TRACE_MESSAGES(MSG_ROW) API_LOGON_MESSAGES(MSG_ROW) };
const size_t api_methods_n	      = NELEM(api_methods);
