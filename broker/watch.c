/*
 * watch.c - what a script is told without asking again, and whether it is still
 * there: events of its own sessions, and requests that may take for ever.
 *
 * Session processes know watches and jobs by numbers of ours, so that two
 * scripts of one user cannot end each other's by accident.  A script that is
 * gone is noticed by its process's end, or when it does not take an event.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api.h"

#define OUR_NUMBER  ((uint64_t)1 << 62) /* scripts' own jobs lie below */
#define DETAIL_MAX  65536u
#define END_CALL_MS 10000u

/* A process that waits for us. */
struct follow {
	struct follow *next;
	struct api *api;
	uint32_t pid;
	int pidfd;
	size_t n;
	struct loop_fd watch;
};

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

/* ---- whose process is it ---- */

static void follow_ended(void *ctx, uint32_t events);

/* NULL: it cannot be followed; then it counts as there. */
static struct follow *
follow_enter(struct api *me, uint32_t pid)
{
	struct follow *f = me->follows;
	int fd;

	while (f && f->pid != pid)
		f = f->next;
	if (!f) {
		fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
		if (fd < 0)
			return NULL;
		f	    = xcalloc(1, sizeof *f);
		*f	    = (struct follow){ .next = me->follows, .api = me, .pid = pid, .pidfd = fd };
		me->follows = f;
		loop_add(me->loop, &f->watch, fd, EPOLLIN, follow_ended, f);
	}
	f->n++;
	return f;
}

static void
follow_drop(struct follow *f)
{
	struct follow **at = &f->api->follows;

	if (--f->n > 0)
		return;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	loop_del(&f->watch);
	close(f->pidfd);
	free(f);
}

void
follow_request(struct request *rq)
{
	rq->follow = follow_enter(rq->api, rq->user.pid);
}

void
follow_leave(struct request *rq)
{
	if (rq->follow)
		follow_drop(rq->follow);
	rq->follow = NULL;
}

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

	*w	    = (struct watch){ .next   = me->watches,
				      .api    = me,
				      .owner  = rq->owner,
				      .number = number,
				      .to     = rq->from };
	w->follow   = follow_enter(me, rq->user.pid);
	me->watches = w;
	w->owner->n_watches++;
	return w;
}

static bool
same_connection(const struct address *a, const struct address *b)
{
	return a->route_n == b->route_n && memcmp(a->route, b->route, a->route_n) == 0;
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

static uint64_t
number_of(const struct request *rq, const char *field)
{
	json_int_t n = json_integer_value(json_object_get(rq->args, field));

	return n > 0 ? (uint64_t)n : 0;
}

static void
number_set(struct request *rq, const char *field, uint64_t number)
{
	(void)json_object_set_new(rq->args, field, json_integer((json_int_t)number));
}

nt
watch_prepare(struct request *rq, char *why)
{
	uint64_t theirs = number_of(rq, "watch");

	TRY(quota_check(rq, why));
	if (watch_find(rq, false, theirs)) {
		(void)snprintf(why, JSON_WHY, "there is a watch of this number already");
		return STATUS_OBJECT_NAME_COLLISION;
	}
	rq->watch	  = watch_new(rq, OUR_NUMBER | ++rq->api->last_number);
	rq->watch->theirs = theirs;
	number_set(rq, "watch", rq->watch->number);
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
	struct watch *w = watch_find(rq, false, number_of(rq, "watch"));

	if (!w) {
		(void)snprintf(why, JSON_WHY, "there is no watch of this number");
		return STATUS_NOT_FOUND;
	}
	number_set(rq, "watch", w->number);
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

/* So that what nobody waits for any more can be ended. */
nt
job_prepare(struct request *rq, char *why)
{
	uint64_t job = number_of(rq, "job");

	if (job >= OUR_NUMBER) {
		(void)snprintf(why, JSON_WHY, "a job's number is below 2^62");
		return STATUS_INVALID_PARAMETER;
	}
	if (job == 0 && !json_object_get(rq->args, "job"))
		number_set(rq, "job", OUR_NUMBER | ++rq->api->last_number);
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
	if (!door_event(w->api, &w->to, json))
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
	json_t *json = json_pack("{s:s, s:s}", "kind", "ended", "message",
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

/* ---- a process has ended ---- */

static void
cancelled(void *ctx, nt status, const struct client_cancel_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* Its answer will come, and will be for nobody. */
static void
job_cancel(const struct request *rq)
{
	const struct client_cancel_req req = { .job = number_of(rq, "job") };
	const struct call_opt opt	   = { .timeout_ms = END_CALL_MS };

	if (req.job != 0)
		(void)client_cancel_call(node_find(rq->api->node, rq->peer), &req, &opt, cancelled,
					 NULL)
		    .code;
}

static void
follow_ended(void *ctx, uint32_t events)
{
	struct follow *f = ctx;
	struct api *me	 = f->api;
	struct watch *w, *next;

	(void)events;
	f->n++; /* ours, so that it outlives those that let go of it */
	for (struct request *rq = me->requests; rq; rq = rq->next) {
		if (rq->follow != f)
			continue;
		job_cancel(rq);
		follow_leave(rq);
	}
	for (w = me->watches; w; w = next) {
		next = w->next;
		if (w->follow == f)
			watch_drop(w, true);
	}
	follow_drop(f);
}

/* ---- what session processes may say ---- */

API_MESSAGES(MSG_SERVE)

const struct ipc_method api_methods[] = { API_MESSAGES(MSG_ROW) };
const size_t api_methods_n	      = NELEM(api_methods);
