/*
 * hook.c - scripts' hooks in the server: who may have which, and that every
 * worker knows of them.  They end with their script's connection or process.
 */
#include "broker/hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/log.h"
#include "proto/smb2/commands.h"

#define TOLD_MS 2000u	/* for a worker to say that it knows */

#define C(code, name, ...) [code] = #name,
static const char *const commands[SMB2_CMD_MAX] = { SMB2_COMMANDS(C) };
#undef C

static const char *const kinds[HOOK_KIND_MAX] = { "", "command", "create", "close", "event" };

#define EVENT_WORD(name) #name,
static const char *const events[HOOK_EVENT_MAX] = { HOOK_EVENTS(EVENT_WORD) };

struct hook *
hook_find(struct api *me, uint32_t id)
{
	struct hook *h = me->hooks;

	while (h && h->is.hook != id)
		h = h->next;
	return h;
}

/* ---- what the script says ---- */

nt
hook_fields(struct request *rq, const struct msg_desc *d, void *ret, char *why)
{
	struct json_room *room = xcalloc(1, sizeof *room);
	nt s		       = json_to_fields(rq->args, d->req(), d->n_req, ret, room, why);

	free(room);
	return s;
}

static nt
refuse(char *why, const char *sentence)
{
	(void)snprintf(why, JSON_WHY, "%s", sentence);
	return STATUS_INVALID_PARAMETER;
}

static nt
kind_read(const char *word, uint8_t *ret, char *why)
{
	for (uint8_t i = 1; i < HOOK_KIND_MAX; i++) {
		if (strcmp(word, kinds[i]) == 0) {
			*ret = i;
			return STATUS_SUCCESS;
		}
	}
	return refuse(why, "kind is one of command, create, close, event");
}

/* The gate and a worker's logons speak with people who have not proved who they are. */
static nt
command_read(const char *word, uint16_t *ret, char *why)
{
	uint16_t i = 0;

	while (i < SMB2_CMD_MAX && strcasecmp(commands[i], word) != 0)
		i++;
	if (i == SMB2_CMD_MAX)
		return refuse(why, "command is the name of an SMB2 command, as ECHO");
	if (i == SMB2_CMD_negotiate || i == SMB2_CMD_session_setup || i == SMB2_CMD_cancel) {
		(void)snprintf(why, JSON_WHY,
			       "%s cannot be handled by a script: it comes before a logon, or has "
			       "no answer",
			       word);
		return STATUS_NOT_SUPPORTED;
	}
	*ret = i;
	return STATUS_SUCCESS;
}

static nt
events_read(const char *words, uint32_t *ret, char *why)
{
	while (*words) {
		size_t n = strcspn(words, ",");
		unsigned i = 0;

		while (i < HOOK_EVENT_MAX &&
		       (strlen(events[i]) != n || strncmp(events[i], words, n) != 0))
			i++;
		if (i == HOOK_EVENT_MAX)
			return refuse(why, "events are of logon, logoff, tree_connect, open, close, "
					   "rename, delete, denied, lease_break");
		*ret |= 1u << i;
		words += n + (words[n] == ',');
	}
	return *ret != 0 ? STATUS_SUCCESS : refuse(why, "events is missing");
}

static nt
timeout_read(const struct hook_add_req *req, struct worker_hook_req *ret, char *why)
{
	const char *word = req->on_timeout.n > 0 ? req->on_timeout.s : "builtin";

	ret->timeout_ms = req->timeout_ms > 0 ? req->timeout_ms : HOOK_TIMEOUT_MS;
	ret->deny	= strcmp(word, "deny") == 0;
	if (!ret->deny && strcmp(word, "builtin") != 0)
		return refuse(why, "on_timeout is builtin or deny");
	if (ret->timeout_ms > HOOK_TIMEOUT_MAX_MS)
		return refuse(why, "timeout_ms is at most 5000");
	return STATUS_SUCCESS;
}

static nt
hook_read(const struct hook_add_req *req, struct worker_hook_req *ret, char *why)
{
	TRY(kind_read(req->kind.s ? req->kind.s : "", &ret->kind, why));
	if (ret->kind == HOOK_COMMAND)
		TRY(command_read(req->command.s ? req->command.s : "", &ret->command, why));
	else if (req->command.n > 0)
		return refuse(why, "command goes with kind command");
	if (ret->kind == HOOK_EVENT)
		TRY(events_read(req->events.s ? req->events.s : "", &ret->events, why));
	else if (req->events.n > 0)
		return refuse(why, "events goes with kind event");
	ret->share   = req->share;
	ret->pattern = req->pattern;
	return timeout_read(req, ret, why);
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
		  h->is.hook, kinds[h->is.kind]);
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
			(void)json_array_append_new(words, json_string(events[i]));
	}
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:I, s:s, s:s, s:I, s:o}", "hook",
			 (json_int_t)h->is.hook, "kind", kinds[h->is.kind], "command",
			 h->is.kind == HOOK_COMMAND ? commands[h->is.command] : "",
			 "share", h->share, "pattern", h->pattern, "events", words, "timeout_ms",
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
