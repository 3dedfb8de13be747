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

#define TOLD_MS 2000u	/* for a worker to say that it knows */

struct hook *
hook_find(struct api *me, uint32_t id)
{
	struct hook *h = me->hooks;

	while (h && h->is.hook != id)
		h = h->next;
	return h;
}

/* ---- what workers are told ---- */

/* The script hears that it is so when all workers do. */
struct telling {
	struct request *rq;
	size_t left;
};

static void
telling_done(struct telling *t)
{
	if (--t->left > 0)
		return;
	request_done(t->rq);
	free(t);
}

static void
worker_knows(void *ctx, nt status, const struct worker_hook_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_info("a worker did not take a hook status=%s", nt_name(status));
	if (ctx)
		telling_done(ctx);
}

static void
worker_forgot(void *ctx, nt status, const struct worker_unhook_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
hook_tell_all(const struct hook *h, struct request *rq)
{
	const struct call_opt opt = { .timeout_ms = TOLD_MS };
	struct telling *t	  = xcalloc(1, sizeof *t);
	struct node *node	  = h->api->node;

	*t = (struct telling){ .rq = rq, .left = 1 };
	for (struct link *l = node_next(node, NULL); l; l = node_next(node, l)) {
		if (link_role(l) == PEER_WORKER &&
		    !nt_failed(worker_hook_call(l, &h->is, &opt, worker_knows, t)))
			t->left++;
	}
	telling_done(t);
}

void
hooks_tell(struct api *me, struct link *worker)
{
	const struct call_opt opt = { .timeout_ms = TOLD_MS };

	/* Upwards by number, as workers take them: the list is made that way. */
	for (struct hook *h = me->hooks; h; h = h->next) {
		if (nt_failed(worker_hook_call(worker, &h->is, &opt, worker_knows, NULL)))
			log_warn("a worker was not told of a hook");
	}
}

static void
hook_untell_all(const struct hook *h)
{
	const struct worker_unhook_req req = { .hook = h->is.hook };
	const struct call_opt opt	   = { .timeout_ms = TOLD_MS };
	struct node *node		   = h->api->node;

	for (struct link *l = node_next(node, NULL); l; l = node_next(node, l)) {
		if (link_role(l) == PEER_WORKER &&
		    nt_failed(worker_unhook_call(l, &req, &opt, worker_forgot, NULL)))
			log_warn("a worker was not told of a hook's end");
	}
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

static void
str_keep(char dst[NAME_BOUND + 1], struct str *s)
{
	if (s->n > 0)
		memcpy(dst, s->s, s->n);
	dst[s->n] = '\0';
	s->s	  = dst;
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
	str_keep(h->share, &h->is.share);
	str_keep(h->pattern, &h->is.pattern);
	str_keep(h->user, &h->is.user);
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
	hook_untell_all(h);
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
	hook_tell_all(h, rq);
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
