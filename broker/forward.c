/*
 * forward.c - a request becomes a message to the process that can answer it:
 * what has to be there first, step by step, the call, the answer as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api.h"
#include "ipc/birth.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/msg/dir.msg.h"

#define START_MS    20000u /* a process that is started for us */
#define START_TRIES 3u	   /* it died before it was ours */
#define PASS_MS	    10000u

static void next_step(struct request *);

/* ---- the message ---- */

static size_t
span_bound(enum msg_type type)
{
	switch (type) {
	case MSG_T_secret:
		return SECRET_BOUND;
	case MSG_T_blob:
		return BLOB_BOUND;
	case MSG_T_token:
		return TOKEN_BOUND;
	default:
		return 0;
	}
}

/* Not said: a password if there is one, else the first secret. */
static bool
kind_fits(const struct msg_field *f, const char *kind, bool have_password)
{
	if (kind)
		return strcmp(f->name, kind) == 0;
	return f->type == MSG_T_secret && (!have_password || strcmp(f->name, "password") == 0);
}

static const struct msg_field *
binary_field(const struct msg_desc *d, const char *kind)
{
	bool have_password = false;

	for (size_t i = 0; i < d->n_req; i++)
		have_password = have_password || strcmp(d->req()[i].name, "password") == 0;
	for (size_t i = 0; i < d->n_req; i++) {
		const struct msg_field *f = &d->req()[i];

		if (span_bound(f->type) > 0 && kind_fits(f, kind, have_password))
			return f;
	}
	return NULL;
}

/* The binary frame is the field that "kind" names, where it is not the payload. */
static nt
binary_place(struct request *rq, const char *kind, void *req, char *why)
{
	const struct msg_field *field;

	if (!rq->binary || rq->method->flags & METHOD_PAYLOAD)
		return STATUS_SUCCESS;
	field = binary_field(rq->method->desc, kind);
	if (!field || rq->binary_n > span_bound(field->type)) {
		(void)snprintf(why, JSON_WHY, "the binary frame does not fit");
		return STATUS_INVALID_PARAMETER;
	}
	*(struct span *)(void *)((uint8_t *)req + field->at) = SPAN(rq->binary, rq->binary_n);
	return STATUS_SUCCESS;
}

static nt
fields_encode(struct request *rq, struct wr *w, char *why)
{
	const struct msg_desc *d = rq->method->desc;
	json_t *word		 = json_incref(json_object_get(rq->args, "kind"));
	struct json_room *room	 = xcalloc(1, sizeof *room);
	void *req		 = xcalloc(1, d->req_size);
	nt s;

	if (rq->binary)
		(void)json_object_del(rq->args, "kind");
	s = json_to_fields(rq->args, d->req(), d->n_req, req, room, why);
	if (!nt_failed(s))
		s = binary_place(rq, json_string_value(word), req, why);
	if (!nt_failed(s))
		msg_encode(w, d->req(), d->n_req, req);
	secret_wipe(room, sizeof *room);
	free(room);
	free(req);
	json_decref(word);
	return nt_failed(s) || wr_ok(w) ? s : STATUS_INVALID_PARAMETER;
}

/* A script cannot speak for another. */
static nt
owner_set(struct request *rq, char *why)
{
	char buf[OWNER_TEXT];

	if (json_object_get(rq->args, "owner")) {
		(void)snprintf(why, JSON_WHY, "unknown field owner");
		return STATUS_INVALID_PARAMETER;
	}
	(void)json_object_set_new(rq->args, "owner", json_string(owner_name(rq->owner, buf)));
	return STATUS_SUCCESS;
}

/* Encoded before anything is started for it: nonsense costs nobody anything. */
static nt
message_make(struct request *rq, char *why)
{
	const struct method *m = rq->method;
	struct wr w	       = msg_room();
	uint8_t *copy;

	if (m->flags & METHOD_OWNED)
		TRY(owner_set(rq, why));
	if (m->prepare)
		TRY(m->prepare(rq, why));
	if (!m->desc)
		return STATUS_SUCCESS;
	TRY(fields_encode(rq, &w, why));
	copy = xcalloc(w.pos + 1, 1);
	memcpy(copy, w.base, w.pos);
	rq->body = SPAN(copy, w.pos);
	secret_wipe(w.base, w.pos);
	return STATUS_SUCCESS;
}

void
forward_begin(struct request *rq)
{
	char why[JSON_WHY] = "";
	nt s		   = message_make(rq, why);

	if (nt_failed(s))
		request_finish(rq, s, why[0] ? why : NULL);
	else
		next_step(rq);
}

/* ---- steps: each goes on to the next, now or when it has been answered ---- */

static void
needed(void *ctx, nt status, const struct dir_need_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("a process could not be started method=%s status=%s", rq->method->name,
			 nt_name(status));
	next_step(rq);
}

/* Whoever it is may be there without us having asked: what follows finds out. */
static void
role_need(struct request *rq, enum peer_role role)
{
	const struct dir_need_req req = { .role = (uint8_t)role };
	const struct call_opt opt     = { .timeout_ms = START_MS };
	struct link *directory	      = node_directory(rq->api->node);

	if (node_peer(rq->api->node, role) ||
	    nt_failed(dir_need_call(directory, &req, &opt, needed, rq)))
		next_step(rq);
}

static void
step_keeper(struct request *rq)
{
	if (rq->method->to == PEER_CRED)
		role_need(rq, PEER_CRED);
	else
		next_step(rq);
}

/* Could a ticket be wanted for this credential? */
static bool
kdc_may_be_asked(const struct request *rq)
{
	const char *user   = json_string_value(json_object_get(rq->args, "user"));
	const char *domain = json_string_value(json_object_get(rq->args, "domain"));
	json_int_t type	   = json_integer_value(json_object_get(rq->args, "type"));
	json_int_t kerberos = json_integer_value(json_object_get(rq->args, "kerberos"));

	if (rq->method->desc != &cred_create_desc)
		return true;
	if (kerberos == CRED_KRB_OFF || type == CRED_ANONYMOUS)
		return false;
	return type >= CRED_AES_KEY || kerberos == CRED_KRB_REQUIRED ||
	       (user && strchr(user, '@')) || (domain && strchr(domain, '.'));
}

static void
step_kdc(struct request *rq)
{
	if (rq->method->flags & METHOD_KDC && kdc_may_be_asked(rq))
		role_need(rq, PEER_NET);
	else
		next_step(rq);
}

static void step_session(struct request *);

static void
session_got(void *ctx, nt status, const struct dir_session_get_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)data;
	if (nt_is(status, STATUS_RETRY) && ++rq->tries < START_TRIES) {
		step_session(rq);
	} else if (nt_failed(status)) {
		request_finish(rq, status, "the process for client sessions could not be started");
	} else {
		rq->peer	   = rsp->peer;
		rq->owner->session = node_find(rq->api->node, rsp->peer) ? rsp->peer : 0;
		next_step(rq);
	}
}

static void
step_session(struct request *rq)
{
	char buf[OWNER_TEXT];
	const struct dir_session_get_req req = { .owner = str_of(owner_name(rq->owner, buf)) };
	const struct call_opt opt	     = { .timeout_ms = START_MS };
	nt s;

	rq->peer = rq->owner->session;
	if (rq->method->to != PEER_SESSION || rq->peer != 0) {
		next_step(rq);
		return;
	}
	s = dir_session_get_call(node_directory(rq->api->node), &req, &opt, session_got, rq);
	if (nt_failed(s))
		request_finish(rq, s, NULL);
}

/* The field that names a descriptor, if this request has one: 32 digits, not all zero. */
static bool
token_of(const struct request *rq, struct id16 *ret)
{
	static const char *const names[] = { "local", "socket" };
	static const struct id16 none;
	static struct json_room room;
	char why[JSON_WHY];

	for (size_t i = 0; rq->method->desc && i < NELEM(names); i++) {
		const struct msg_field f = { names[i], MSG_T_id16, 0 };
		json_t *v		 = json_object_get(rq->args, names[i]);
		json_t *one		 = v ? json_pack("{s:O}", names[i], v) : NULL;
		nt s			 = STATUS_NOT_FOUND;

		room.used = 0;
		if (one)
			s = json_to_fields(one, &f, 1, ret, &room, why);
		json_decref(one);
		if (!nt_failed(s))
			return memcmp(ret->b, none.b, sizeof none.b) != 0;
	}
	return false;
}

static void
passed(void *ctx, nt status, const struct dir_pass_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		request_finish(rq, status, "the descriptor could not be passed on");
	else
		next_step(rq);
}

static void
step_descriptor(struct request *rq)
{
	struct dir_pass_req req = { .peer = rq->peer };
	struct call_opt opt	= { .timeout_ms = PASS_MS, .has_fd = true };
	nt s;

	if (rq->method->to != PEER_SESSION || !token_of(rq, &req.token)) {
		next_step(rq);
		return;
	}
	opt.fd = pass_take(rq->api, rq->user.uid, &req.token);
	if (opt.fd < 0) {
		request_finish(rq, STATUS_NOT_FOUND, "no descriptor waits under this token");
		return;
	}
	s = dir_pass_call(node_directory(rq->api->node), &req, &opt, passed, rq);
	close(opt.fd);
	if (nt_failed(s))
		request_finish(rq, s, NULL);
}

static void
lent(void *ctx, nt status, const struct cred_lend_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		request_finish(rq, status, "there is no such credential");
	else
		next_step(rq);
}

/* A session process can use what it has been lent, for this owner, and nothing else. */
static void
step_credential(struct request *rq)
{
	struct link *keeper	  = node_peer(rq->api->node, PEER_CRED);
	const struct call_opt opt = { .timeout_ms = REQUEST_CALL_MS };
	struct client_open_req open;
	struct cred_lend_req req;
	char buf[OWNER_TEXT];
	nt s;

	if (rq->method->desc != &client_open_desc ||
	    nt_failed(client_open_req_decode(rq->body, &open)) || open.cred == 0) {
		next_step(rq);
		return;
	}
	req = (struct cred_lend_req){ .owner = str_of(owner_name(rq->owner, buf)),
				      .cred  = open.cred,
				      .peer  = rq->peer };
	s   = keeper ? cred_lend_call(keeper, &req, &opt, lent, rq) : STATUS_NOT_FOUND;
	if (nt_failed(s))
		request_finish(rq, s, "there is no such credential");
}

/* ---- the answer ---- */

static nt
rows_take(struct request *rq, struct span data)
{
	const struct msg_desc *d = rq->method->rows;
	struct rd r		 = rd_init(data);
	json_t *rows		 = json_array();
	void *row		 = xcalloc(1, d->req_size);
	struct span body;
	uint16_t id;
	nt s = STATUS_SUCCESS;

	while (!nt_failed(s) && conf_next(&r, &id, &body)) {
		s = id == d->id ? msg_decode(body, d->req(), d->n_req, row) :
				  STATUS_INTERNAL_ERROR;
		if (!nt_failed(s))
			(void)json_array_append_new(rows,
						    json_from_fields(d->req(), d->n_req, row));
	}
	if (!nt_failed(s) && (!rd_ok(&r) || rd_left(&r) > 0))
		s = STATUS_INTERNAL_ERROR;
	(void)json_object_set_new(rq->reply, rq->method->rows_key, rows);
	free(row);
	return s;
}

static nt
answer_take(struct request *rq, struct span body, struct span data)
{
	const struct msg_desc *d = rq->method->desc;
	void *rsp		 = xcalloc(1, d->rsp_size + 1);
	nt s			 = msg_decode(body, d->rsp(), d->n_rsp, rsp);

	if (!nt_failed(s)) {
		rq->reply = json_from_fields(d->rsp(), d->n_rsp, rsp);
		if (rq->method->rows)
			s = rows_take(rq, data);
		else
			rq->out = data;
	}
	free(rsp);
	return s;
}

/* Is it the process itself that is gone, or a server's connection? */
const char *
failure_sentence(const struct request *rq, nt status)
{
	enum peer_role asked = rq->method->lists ? rq->method->lists->from : rq->method->to;

	if (rq->method->to == PEER_SESSION && nt_is(status, STATUS_CONNECTION_RESET) &&
	    !node_find(rq->api->node, rq->peer))
		return "the process with this user's client sessions has ended; open them again";
	if (asked == PEER_KRB && nt_is(status, STATUS_DEVICE_NOT_READY))
		return "Kerberos is off: the configuration has neither `realm` nor `keytab`, nor "
		       "`kerberos` = yes";
	return NULL;
}

static void
answered(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct request *rq = ctx;

	(void)done;
	if (!nt_failed(status))
		status = answer_take(rq, body, data);
	if (nt_failed(status))
		request_finish(rq, status, failure_sentence(rq, status));
	else
		request_done(rq);
}

static void
step_ask(struct request *rq)
{
	struct link *l	    = request_target(rq, rq->method->to);
	struct call_opt opt = { .timeout_ms = REQUEST_CALL_MS };
	nt s		    = STATUS_DEVICE_NOT_READY;

	if (rq->method->lists) {
		lists_begin(rq);
		return;
	}
	if (rq->method->flags & METHOD_LONG) {
		opt.timeout_ms = 0;
		follow_request(rq);
	}
	if (rq->method->flags & METHOD_PAYLOAD)
		opt.data = SPAN(rq->binary, rq->binary_n);
	if (l)
		s = link_call(l, rq->method->desc, rq->body, &opt, answered, NULL, rq, NULL);
	if (nt_failed(s))
		request_finish(rq, s, failure_sentence(rq, s));
}

static void (*const steps[])(struct request *) = {
	step_keeper, step_kdc, step_session, step_descriptor, step_credential, step_ask,
};

static void
next_step(struct request *rq)
{
	ENSURE(rq->step < NELEM(steps));
	steps[rq->step++](rq);
}
