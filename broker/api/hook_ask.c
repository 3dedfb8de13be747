/*
 * hook_ask.c - workers' questions on their way to scripts and back, each with a
 * deadline; and what workers tell.
 *
 * A script has at most HOOK_OUT_MAX unanswered questions; the others wait here.
 * A worker that gets an error decides by what the hook said of silence.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"
#include "broker/api/hook.h"

static const char *const actions[HOOK_ACTION_MAX] = { "builtin", "deny", "answer" };

static void hook_pump(struct hook *);

/* ---- a question's end ---- */

static void
ask_take(struct ask *a)
{
	struct hook *h = a->hook;

	if (a->json) {
		TAILQ_REMOVE(&h->waiting, a, of_hook);
		h->n_waiting--;
	} else {
		TAILQ_REMOVE(&h->out, a, of_hook);
		h->n_out--;
	}
}

static void
ask_end(struct ask *a, nt status, const struct hook_ask_rsp *rsp)
{
	ask_take(a);
	loop_timer_clear(&a->deadline);
	hook_ask_reply(a->call, status, rsp, SPAN_NONE);
	json_decref(a->json);
	free(a);
}

static void
ask_late(void *ctx)
{
	struct ask *a  = ctx;
	struct hook *h = a->hook;

	ask_end(a, STATUS_IO_TIMEOUT, NULL);
	hook_pump(h);
}

void
hook_settle(struct hook *h)
{
	struct ask *a;

	while ((a = TAILQ_FIRST(&h->out)) || (a = TAILQ_FIRST(&h->waiting)))
		ask_end(a, STATUS_IO_TIMEOUT, NULL);
}

/* ---- to the script ---- */

static bool
hook_send(struct hook *h, const json_t *json)
{
	return door_event(&h->to, json);
}

/* After hook_send(): a connection that is no more takes its hook along. */
static bool
hook_gone(struct hook *h)
{
	if (!h->to.door->gone)
		return false;
	log_info("a hook's script has gone hook=%u", h->is.hook);
	hook_drop(h);
	return true;
}

/* False: the hook has gone. */
static bool
ask_send(struct ask *a)
{
	struct hook *h = a->hook;

	if (hook_send(h, a->json)) {
		TAILQ_REMOVE(&h->waiting, a, of_hook);
		TAILQ_INSERT_TAIL(&h->out, a, of_hook);
		h->n_waiting--;
		h->n_out++;
		json_decref(a->json);
		a->json = NULL;
		return true;
	}
	if (hook_gone(h))
		return false;
	ask_end(a, STATUS_QUOTA_EXCEEDED, NULL);
	return true;
}

static void
hook_pump(struct hook *h)
{
	struct ask *a;

	while (h->n_out < HOOK_OUT_MAX && (a = TAILQ_FIRST(&h->waiting))) {
		if (!ask_send(a))
			return;
	}
}

static json_t *
ask_json(struct hook *h, const struct hook_ask_req *req, uint64_t number)
{
	json_t *json = json_from_fields(hook_ask_desc.req(), hook_ask_desc.n_req, req);
	char upper[32];
	size_t n = 0;

	for (; n < sizeof upper - 1 && n < req->command.n; n++)
		upper[n] = (char)toupper((unsigned char)req->command.s[n]);
	(void)json_object_set_new(json, "command", json_stringn(upper, n));
	(void)json_object_set_new(json, "kind", json_string(hook_kinds[h->is.kind]));
	(void)json_object_set_new(json, "ask", json_u64(number));
	return json;
}

nt
hook_ask(struct api *me, struct call *c, const struct hook_ask_req *req, struct hook_ask_rsp *rsp)
{
	struct hook *h = hook_find(me, req->hook);
	struct ask *a;

	(void)rsp;
	REQUIRE(h, STATUS_NOT_FOUND);
	REQUIRE(h->is.kind != HOOK_EVENT, STATUS_INVALID_PARAMETER);
	REQUIRE(h->n_waiting < HOOK_WAIT_MAX, STATUS_QUOTA_EXCEEDED);
	a	  = xcalloc(1, sizeof *a);
	a->hook	  = h;
	a->number = ++me->last_ask;
	a->json	  = ask_json(h, req, a->number);
	a->call	  = call_keep(c);
	TAILQ_INSERT_TAIL(&h->waiting, a, of_hook);
	h->n_waiting++;
	loop_timer_set(me->loop, &a->deadline, h->is.timeout_ms, ask_late, a);
	hook_pump(h);
	return STATUS_PENDING;
}

/* ---- from the script ---- */

static bool
is_its_script(const struct hook *h, const struct request *rq)
{
	return h->to.door == rq->from.door && h->to.route_n == rq->from.route_n &&
	       h->owner == rq->owner &&
	       memcmp(h->to.route, rq->from.route, h->to.route_n) == 0;
}

static nt
refuse(char *why, const char *sentence)
{
	(void)strcpy(why, sentence);
	return STATUS_INVALID_PARAMETER;
}

static nt
answer_read(const struct hook *h, const struct hook_answer_req *req, struct hook_ask_rsp *ret,
	    char *why)
{
	const char *word = req->action.s ? req->action.s : "";
	nt result	 = STATUS_SUCCESS;

	while (ret->action < HOOK_ACTION_MAX && strcmp(word, actions[ret->action]) != 0)
		ret->action++;
	if (ret->action == HOOK_ACTION_MAX)
		return refuse(why, "action is builtin, deny or answer");
	if (ret->action == HOOK_ANSWER &&
	    (h->is.kind != HOOK_COMMAND || h->is.command != SMB2_CMD_echo))
		return refuse(why, "only ECHO can be answered by a script");
	if (req->result.n > 0 && !nt_from_name(req->result.s, &result))
		return refuse(why, "result is the name of a status");
	if (ret->action == HOOK_DENY && req->result.n > 0 && !nt_failed(result))
		return refuse(why, "a denial needs a result that is a failure");
	ret->status = result.code;
	return STATUS_SUCCESS;
}

/* Late, twice, or for what another script was asked: nobody waits for it. */
nt
hook_answer_prepare(struct request *rq, char *why)
{
	struct hook_ask_rsp rsp = { 0 };
	struct hook_answer_req req = { 0 };
	struct hook *h;
	struct ask *a = NULL;

	TRY(hook_fields(rq, &hook_answer_desc, &req, why));
	h = hook_find(rq->api, req.hook);
	if (h && is_its_script(h, rq)) {
		a = TAILQ_FIRST(&h->out);
		while (a && a->number != req.ask)
			a = TAILQ_NEXT(a, of_hook);
	}
	if (!a) {
		(void)strcpy(why, "nobody waits for this answer, or not any more");
		return STATUS_NOT_FOUND;
	}
	TRY(answer_read(h, &req, &rsp, why));
	ask_end(a, STATUS_SUCCESS, &rsp);
	hook_pump(h);
	return STATUS_SUCCESS;
}

/* ---- events ---- */

nt
hook_tell(struct api *me, struct call *c, const struct hook_tell_req *req,
	  struct hook_tell_rsp *rsp)
{
	struct hook *h = hook_find(me, req->hook);
	json_t *json;

	(void)c;
	(void)rsp;
	REQUIRE(h, STATUS_NOT_FOUND);
	REQUIRE(h->is.kind == HOOK_EVENT, STATUS_INVALID_PARAMETER);
	json = json_from_fields(hook_tell_desc.req(), hook_tell_desc.n_req, req);
	(void)json_object_set_new(json, "lost", json_u64(req->lost + h->lost));
	h->lost += req->lost + 1;
	if (hook_send(h, json))
		h->lost = 0;
	else
		(void)hook_gone(h);
	json_decref(json);
	return STATUS_SUCCESS;
}

/* ---- the store's: of no share and no path ---- */

static bool
hook_hears(const struct hook *h, const struct logon_tell_req *req)
{
	return h->is.kind == HOOK_EVENT && (h->is.events & 1u << req->kind) &&
	       h->share[0] == '\0' && h->pattern[0] == '\0' &&
	       (h->user[0] == '\0' ||
		(req->user.s && utf8_casecmp(h->user, req->user.s) == 0)) &&
	       addr_matches(&h->is.client, &req->client);
}

static json_t *
logon_json(const struct hook *h, const struct logon_tell_req *req)
{
	json_t *json = json_from_fields(logon_tell_desc.req(), logon_tell_desc.n_req, req);

	(void)json_object_set_new(json, "hook", json_integer(h->is.hook));
	(void)json_object_set_new(json, "kind", json_string(hook_events[req->kind]));
	(void)json_object_set_new(json, "lost", json_u64(req->lost + h->lost));
	return json;
}

nt
logon_tell(struct api *me, struct call *c, const struct logon_tell_req *req,
	   struct logon_tell_rsp *rsp)
{
	struct hook *h, *next;

	(void)c;
	(void)rsp;
	REQUIRE(req->kind == HOOK_EVENT_logon_failed || req->kind == HOOK_EVENT_lockout,
		STATUS_INVALID_PARAMETER);
	for (h = me->hooks; h; h = next) {
		json_t *json;

		next = h->next;
		if (!hook_hears(h, req))
			continue;
		json = logon_json(h, req);
		h->lost += req->lost + 1;
		if (hook_send(h, json))
			h->lost = 0;
		else
			(void)hook_gone(h);
		json_decref(json);
	}
	return STATUS_SUCCESS;
}
