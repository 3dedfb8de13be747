/*
 * request.c - the life of a request: may this caller ask that, ask whom, and
 * the answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api.h"

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
	if (rq->binary)
		secret_wipe(rq->binary, rq->binary_n);
	free(rq->binary);
	args_wipe(rq->args);
	json_decref(rq->reply);
	json_decref(rq->rows);
	free(rq);
}

/* {"status": {"name": ..., "number": ...}, "message": ... if it failed, and the rest} */
void
request_finish(struct request *rq, nt status, const char *message)
{
	if (!rq->reply)
		rq->reply = json_object();
	if (nt_failed(status))
		(void)json_object_clear(rq->reply);
	(void)json_object_set_new(
	    rq->reply, "status",
	    json_pack("{s:s, s:I}", "name", nt_name(status), "number", (json_int_t)status.code));
	if (nt_failed(status))
		(void)json_object_set_new(rq->reply, "message",
					  json_string(message ? message : nt_sentence(status)));
	door_reply(rq->api, rq);
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
	return node_peer(rq->api->node, role);
}

/* ---- one message there and back ---- */

static void
forwarded(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct request *rq	 = ctx;
	const struct msg_desc *d = rq->method->desc;
	void *rsp		 = xcalloc(1, d->rsp_size);

	(void)done;
	(void)data;
	if (!nt_failed(status))
		status = msg_decode(body, d->rsp(), d->n_rsp, rsp);
	if (!nt_failed(status))
		rq->reply = json_from_fields(d->rsp(), d->n_rsp, rsp);
	free(rsp);
	if (nt_failed(status))
		request_finish(rq, status, NULL);
	else
		request_done(rq);
}

/* The binary frame is the field that "kind" names; only secrets come that way. */
static nt
binary_place(struct request *rq, const char *kind, void *req, char *why)
{
	const struct msg_desc *d      = rq->method->desc;
	const struct msg_field *field = NULL;

	if (!rq->binary)
		return STATUS_SUCCESS;
	for (size_t i = 0; i < d->n_req; i++) {
		if (d->req()[i].type == MSG_T_secret && strcmp(d->req()[i].name, kind) == 0)
			field = &d->req()[i];
	}
	if (!field || rq->binary_n > SECRET_BOUND) {
		(void)snprintf(why, JSON_WHY, "the binary frame does not fit");
		return STATUS_INVALID_PARAMETER;
	}
	*(struct span *)(void *)((uint8_t *)req + field->at) = SPAN(rq->binary, rq->binary_n);
	return STATUS_SUCCESS;
}

static nt
forward_encode(struct request *rq, struct wr *w, char *why)
{
	const struct msg_desc *d = rq->method->desc;
	json_t *word		 = json_incref(json_object_get(rq->args, "kind"));
	const char *kind	 = json_is_string(word) ? json_string_value(word) : "password";
	struct json_room *room	 = xcalloc(1, sizeof *room);
	void *req		 = xcalloc(1, d->req_size);
	nt s;

	if (rq->binary)
		(void)json_object_del(rq->args, "kind");
	s = json_to_fields(rq->args, d->req(), d->n_req, req, room, why);
	if (!nt_failed(s))
		s = binary_place(rq, kind, req, why);
	if (!nt_failed(s))
		msg_encode(w, d->req(), d->n_req, req);
	secret_wipe(room, sizeof *room);
	free(room);
	free(req);
	json_decref(word);
	return nt_failed(s) || wr_ok(w) ? s : STATUS_INVALID_PARAMETER;
}

static void
forward(struct request *rq)
{
	const struct call_opt opt = { .timeout_ms = REQUEST_CALL_MS };
	struct link *l		  = request_target(rq, rq->method->to);
	char why[JSON_WHY]	  = "";
	struct wr w;
	nt s = rq->method->prepare ? rq->method->prepare(rq, why) : STATUS_SUCCESS;

	w = msg_room();
	if (!nt_failed(s) && !l)
		s = STATUS_DEVICE_NOT_READY;
	if (!nt_failed(s))
		s = forward_encode(rq, &w, why);
	if (!nt_failed(s))
		s = link_call(l, rq->method->desc, wr_done(&w), &opt, forwarded, NULL, rq, NULL);
	secret_wipe(w.base, w.pos);
	if (nt_failed(s))
		request_finish(rq, s, why[0] ? why : NULL);
}

static void
lists_begin(struct request *rq)
{
	rq->reply = rq->method->partial ? json_pack("{s:[]}", "unavailable") : json_object();
	if (json_object_size(rq->args) > 0) {
		request_finish(rq, STATUS_INVALID_PARAMETER, "this method takes no fields");
		return;
	}
	request_lists(rq);
}

/* ---- may this caller ask? ---- */

static const struct method *
method_find(const char *name)
{
	for (size_t i = 0; i < methods_n; i++) {
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	}
	return NULL;
}

static enum api_role
role_of(const struct api *me, const struct api_user *u)
{
	return u->uid == 0 || u->uid == me->owner_uid ? API_ADMIN : API_USER;
}

static void
request_serve(struct request *rq)
{
	rq->method = method_find(rq->method_name);
	if (!rq->method) {
		request_finish(rq, STATUS_NOT_FOUND, "no such method");
	} else if (role_of(rq->api, &rq->user) < rq->method->needs) {
		log_audit("refused method=%s uid=%u pid=%u", rq->method->name, rq->user.uid,
			  rq->user.pid);
		request_finish(rq, STATUS_ACCESS_DENIED, NULL);
	} else if (rq->method->desc) {
		if (rq->method->to == PEER_STORE || rq->method->to == PEER_DIRECTORY)
			log_audit("administration method=%s uid=%u pid=%u", rq->method->name,
				  rq->user.uid, rq->user.pid);
		forward(rq);
	} else if (rq->method->lists) {
		lists_begin(rq);
	} else {
		request_done(rq);
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
	if (rq->api->uid_last > 0 || connection_cleared(rq->api, rq->user.connection)) {
		request_serve(rq);
		return;
	}
	rq->method = &tree_check;
	rq->reply  = json_object();
	request_lists(rq);
}
