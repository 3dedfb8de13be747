/*
 * request.c - the life of a request: may this caller ask that, and the answer.
 * Whom to ask and how: forward.c, lists.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api/api.h"

static void tree_checked(struct request *);

/* Asked before the first request of a connection, see the end of this file. */
static const struct method tree_check = {
	.name = "tree check", .lists = &list_processes, .n_lists = 1, .complete = tree_checked
};

/* ---- the answer ---- */

/* A password may have come as a field. */
static void
args_wipe(json_t *args)
{
	const char *name;
	json_t *v;

	json_object_foreach(args, name, v) {
		if (json_is_string(v))
			secret_wipe((char *)(uintptr_t)json_string_value(v), json_string_length(v));
	}
	json_decref(args);
}

static void
request_free(struct request *rq)
{
	struct request **at = &rq->api->requests;

	while (*at != rq)
		at = &(*at)->next;
	*at = rq->next;
	rq->api->n_requests--;
	follow_leave(rq);
	if (rq->owner)
		owner_leave(rq->api, rq->owner, rq->binary_n);
	if (rq->binary)
		secret_wipe(rq->binary, rq->binary_n);
	free(rq->binary);
	if (rq->body.n > 0)
		secret_wipe((void *)(uintptr_t)rq->body.p, rq->body.n);
	free((void *)(uintptr_t)rq->body.p);
	args_wipe(rq->args);
	json_decref(rq->reply);
	json_decref(rq->rows);
	free(rq);
}

/* {"status": {"name": ..., "number": ...}, "message": ... if it failed, and the rest} */
void
request_finish(struct request *rq, nt status, const char *message)
{
	if (user_revoked(rq->api, &rq->user)) { /* what was asked before is not told after */
		status	= STATUS_ACCESS_DENIED;
		message = "this key has been revoked";
	}
	if (!rq->reply)
		rq->reply = json_object();
	if (nt_failed(status)) {
		(void)json_object_clear(rq->reply);
		rq->out = SPAN_NONE;
		watch_forget(rq);
	}
	(void)json_object_set_new(
	    rq->reply, "status",
	    json_pack("{s:s, s:I}", "name", nt_name(status), "number", (json_int_t)status.code));
	if (nt_failed(status))
		(void)json_object_set_new(rq->reply, "message",
					  json_string(message ? message : nt_sentence(status)));
	door_reply(rq);
	request_free(rq);
}

void
request_done(struct request *rq)
{
	const struct method *m = rq->method;

	if (!rq->reply)
		rq->reply = json_object();
	if (m->complete)
		m->complete(rq);
	if (m != &tree_check)
		request_finish(rq, STATUS_SUCCESS, NULL);
}

struct link *
request_target(struct request *rq, enum peer_role role)
{
	if (role == PEER_DIRECTORY)
		return node_directory(rq->api->node);
	if (role == PEER_SESSION)
		return node_find(rq->api->node, rq->peer);
	return node_peer(rq->api->node, role);
}

/* ---- may this caller ask? ---- */

static const struct method *
method_find(const char *name)
{
	const struct method *m;

	for (size_t i = 0; (m = method_at(i)); i++) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

/* One of the words of `api admins` or `api users`: "1000, backup". */
static bool
is_listed(const char *list, const char *word)
{
	static const char between[] = ", \t";
	size_t n		    = strlen(word);

	for (const char *p = list; *(p += strspn(p, between)); p += strcspn(p, between)) {
		if (strcspn(p, between) == n && memcmp(p, word, n) == 0)
			return true;
	}
	return false;
}

static enum api_role
role_of(const struct api *me, const struct api_user *u)
{
	const struct key *k = keys_find(&me->keys, u->key);
	char text[16];

	if (k)
		return k->role == KEY_ADMIN || is_listed(me->admins, k->name) ? API_ADMIN : API_USER;
	if (!uid_is_known(me, u->uid))
		return API_ANYONE;
	(void)snprintf(text, sizeof text, "%u", u->uid);
	if (u->uid == 0 || u->uid == me->owner_uid || is_listed(me->admins, text))
		return API_ADMIN;
	return is_listed(me->users, "*") || is_listed(me->users, text) ? API_USER : API_ANYONE;
}

enum api_role
request_role(const struct request *rq)
{
	return role_of(rq->api, &rq->user);
}

/* What changes the server is written down with who asked. */
static bool
is_administration(const struct method *m)
{
	return m->needs == API_ADMIN && m->desc;
}

/* Nobody else has to be asked. */
static void
local_serve(struct request *rq)
{
	char why[JSON_WHY] = "";
	bool later	   = (rq->method->flags & METHOD_LATER) != 0;
	nt s		   = rq->method->prepare ? rq->method->prepare(rq, why) : STATUS_SUCCESS;

	if (nt_failed(s))
		request_finish(rq, s, why[0] ? why : NULL);
	else if (!later)
		request_done(rq);
}

static void
request_serve(struct request *rq)
{
	rq->method = method_find(rq->method_name);
	if (!rq->method) {
		request_finish(rq, STATUS_NOT_FOUND, "no such method");
	} else if (role_of(rq->api, &rq->user) < rq->method->needs) {
		log_audit("refused method=%s who=%s pid=%u", rq->method->name, rq->owner->name,
			  rq->user.pid);
		request_finish(rq, STATUS_ACCESS_DENIED, NULL);
	} else if (rq->method->to != PEER_NONE) {
		if (is_administration(rq->method))
			log_audit("administration method=%s who=%s pid=%u", rq->method->name,
				  rq->owner->name, rq->user.pid);
		forward_begin(rq);
	} else if (rq->method->lists) {
		lists_begin(rq);
	} else {
		local_serve(rq);
	}
}

/* ---- is it one of ours?  Not root, all have one uid: the pid decides. ---- */

static bool
connection_cleared(const struct api *me, uint64_t connection)
{
	for (size_t i = 0; i < CLEARED_MAX; i++) {
		if (me->cleared[i] == connection)
			return true;
	}
	return false;
}

static void
connection_clear(struct api *me, uint64_t connection)
{
	me->cleared[me->next_cleared++ % CLEARED_MAX] = connection;
}

/* The list of processes is there: refuse, or go on to what was asked. */
static void
tree_checked(struct request *rq)
{
	json_t *row;
	size_t i;
	bool ours = false;

	json_array_foreach(json_object_get(rq->reply, "processes"), i, row)
		ours = ours || json_integer_value(json_object_get(row, "pid")) == rq->user.pid;
	json_decref(rq->reply);
	rq->reply = NULL;
	rq->list  = 0;
	if (ours) {
		log_audit("refused a process of our own tree method=%s pid=%u",
			  log_qs(rq->method_name), rq->user.pid);
		request_finish(rq, STATUS_ACCESS_DENIED, "processes of the server may not ask");
		return;
	}
	connection_clear(rq->api, rq->user.connection);
	request_serve(rq);
}

/* As root every process of the tree has a uid of the range, which the door refuses. */
void
request_arrived(struct request *rq)
{
	if (user_revoked(rq->api, &rq->user)) {
		request_finish(rq, STATUS_ACCESS_DENIED, NULL);
		return;
	}
	rq->owner = owner_enter(rq->api, &rq->user, rq->binary_n);
	if (!rq->owner) {
		request_finish(rq, STATUS_QUOTA_EXCEEDED,
			       "too much is in flight for this user already");
		return;
	}
	if (rq->api->uid_last > 0 || rq->user.key != 0 || connection_cleared(rq->api, rq->user.connection)) {
		request_serve(rq);
		return;
	}
	rq->method = &tree_check;
	rq->reply  = json_object();
	request_lists(rq);
}
