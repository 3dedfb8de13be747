/*
 * hook.c - scripts' hooks in the server: the list, and that every worker knows
 * of it.  They end with their script's connection or process.
 */
#include "broker/api/hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/telling.h"

struct hook *
hook_find(struct api *me, uint32_t id)
{
	struct hook *h = me->hooks;

	while (h && h->is.hook != id)
		h = h->next;
	return h;
}

/* ---- what workers are told ---- */

static void
worker_knows(void *ctx, nt status, const struct worker_hook_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_info("a worker did not take a hook status=%s", nt_name(status));
	telling_done(ctx);
}

static void
worker_forgot(void *ctx, nt status, const struct worker_unhook_rsp *rsp, struct span data)
{
	(void)status;
	(void)rsp;
	(void)data;
	telling_done(ctx);
}

static void
worker_tell(const struct hook *h, struct link *worker, struct telling *t)
{
	const struct call_opt opt = { .timeout_ms = TOLD_MS };

	telling_asked(t, worker_hook_call(worker, &h->is, &opt, worker_knows, t));
}

static void
worker_untell(const struct hook *h, struct link *worker, struct telling *t)
{
	const struct worker_unhook_req req = { .hook = h->is.hook };
	const struct call_opt opt	   = { .timeout_ms = TOLD_MS };

	telling_asked(t, worker_unhook_call(worker, &req, &opt, worker_forgot, t));
}

/* rq: is answered when all workers know; NULL: nobody waits. */
static void
hook_each(const struct hook *h, void (*fn)(const struct hook *, struct link *, struct telling *),
	  struct request *rq)
{
	struct telling *t = telling_new(rq);
	struct node *node = h->api->node;

	for (struct link *l = node_next(node, NULL); l; l = node_next(node, l)) {
		if (link_role(l) == PEER_WORKER)
			fn(h, l, t);
	}
	telling_done(t);
}

void
hooks_tell(struct api *me, struct link *worker)
{
	struct telling *t = telling_new(NULL);

	/* Upwards by number, as workers take them: the list is made that way. */
	for (struct hook *h = me->hooks; h; h = h->next)
		worker_tell(h, worker, t);
	telling_done(t);
}

/* ---- the list ---- */

static size_t
hooks_count(const struct api *me)
{
	size_t n = 0;

	for (const struct hook *h = me->hooks; h; h = h->next)
		n++;
	return n;
}

static struct hook *
hook_new(struct request *rq, const struct worker_hook_req *is)
{
	struct api *me	 = rq->api;
	struct hook *h	 = xcalloc(1, sizeof *h);
	struct hook **at = &me->hooks;

	h->api	   = me;
	h->to	   = rq->from;
	h->owner   = rq->owner;
	h->follow  = follow_enter(me, rq->user.pid);
	h->is	   = *is;
	h->is.hook = ++me->last_hook;
	h->owner->n_watches++;
	field_keep(h->share, &h->is.share);
	field_keep(h->pattern, &h->is.pattern);
	field_keep(h->user, &h->is.user);
	TAILQ_INIT(&h->out);
	TAILQ_INIT(&h->waiting);
	while (*at)
		at = &(*at)->next;
	*at = h;
	return h;
}

void
hook_drop(struct hook *h)
{
	struct hook **at = &h->api->hooks;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	hook_each(h, worker_untell, NULL);
	hook_settle(h);
	if (h->follow)
		follow_drop(h->follow);
	h->owner->n_watches--;
	owner_release(h->api, h->owner);
	free(h);
}

void
hooks_leave(struct api *me, const struct follow *f)
{
	struct hook *h, *next;

	for (h = me->hooks; h; h = next) {
		next = h->next;
		if (h->follow == f)
			hook_drop(h);
	}
}

void
hooks_of_owner(struct api *me, const struct owner *o)
{
	struct hook *h, *next;

	for (h = me->hooks; h; h = next) {
		next = h->next;
		if (h->owner == o)
			hook_drop(h);
	}
}

/* ---- methods ---- */

nt
hook_add_prepare(struct request *rq, char *why)
{
	struct worker_hook_req is = { 0 };
	struct hook_add_req req	  = { 0 };
	struct hook *h;

	TRY(hook_fields(rq, &hook_add_desc, &req, why));
	TRY(hook_read(&req, &is, why));
	if (hooks_count(rq->api) >= HOOKS_MAX || rq->owner->n_watches >= WATCHES_OF_UID) {
		(void)snprintf(why, JSON_WHY, "there are too many hooks already");
		return STATUS_QUOTA_EXCEEDED;
	}
	h = hook_new(rq, &is);
	log_audit("a script hooks into the server by=%s hook=%u kind=%s", h->owner->name,
		  h->is.hook, hook_kinds[h->is.kind]);
	rq->reply = json_pack("{s:I}", "hook", (json_int_t)h->is.hook);
	hook_each(h, worker_tell, rq);
	return STATUS_SUCCESS;
}

nt
hook_del_prepare(struct request *rq, char *why)
{
	struct hook_del_req req = { 0 };
	struct hook *h;

	TRY(hook_fields(rq, &hook_del_desc, &req, why));
	h = hook_find(rq->api, req.hook);
	REQUIRE(h, STATUS_NOT_FOUND);
	hook_drop(h);
	return STATUS_SUCCESS;
}

static json_t *
hook_json(const struct hook *h)
{
	json_t *words = json_array();

	for (unsigned i = 0; i < HOOK_EVENT_MAX; i++) {
		if (h->is.events & 1u << i)
			(void)json_array_append_new(words, json_string(hook_events[i]));
	}
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:s, s:s, s:I, s:o}", "hook",
			 (json_int_t)h->is.hook, "kind", hook_kinds[h->is.kind], "command",
			 h->is.kind == HOOK_COMMAND ? hook_commands[h->is.command] : "",
			 "share", h->share, "pattern", h->pattern, "user", h->user, "events", words, "timeout_ms",
			 (json_int_t)h->is.timeout_ms, "on_timeout", h->is.deny ? "deny" : "builtin",
			 "owner", h->owner->name, "waiting",
			 (json_int_t)(h->n_out + h->n_waiting), "lost", json_u64(h->lost));
}

void
hook_list_complete(struct request *rq)
{
	json_t *rows = json_array();

	for (const struct hook *h = rq->api->hooks; h; h = h->next)
		(void)json_array_append_new(rows, hook_json(h));
	(void)json_object_set_new(rq->reply, "hooks", rows);
}
