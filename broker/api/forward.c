/*
 * forward.c - a request becomes a message to the process that can answer it,
 * and its answer JSON.  What has to be there first: steps.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "broker/api/api.h"
#include "ipc/birth.h"

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
	if (json_object_get(rq->args, "owner")) {
		(void)snprintf(why, JSON_WHY, "unknown field owner");
		return STATUS_INVALID_PARAMETER;
	}
	(void)json_object_set_new(rq->args, "owner", json_string(rq->owner->name));
	return STATUS_SUCCESS;
}

/* For who has the messages' codec and many rows: they are the answer's binary frame. */
static void
packed_take(struct request *rq)
{
	rq->packed = json_is_true(json_object_get(rq->args, "packed"));
	(void)json_object_del(rq->args, "packed");
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
	if (m->rows)
		packed_take(rq);
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
		request_step(rq);
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
		s = id == d->id ? msg_decode(body, d->req(), d->n_req, row) : STATUS_INTERNAL_ERROR;
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
		if (rq->method->rows && !rq->packed)
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

/* It was understood, but cannot be done. */
static bool
problem_take(struct request *rq, char why[TEXT_BOUND + 1])
{
	const char *problem;

	if (!(rq->method->flags & METHOD_PROBLEM))
		return false;
	problem = json_string_value(json_object_get(rq->reply, "problem"));
	(void)snprintf(why, TEXT_BOUND + 1, "%s", problem ? problem : "");
	(void)json_object_del(rq->reply, "problem");
	return why[0] != '\0';
}

/*
 * Session processes say why a call failed in the payload of the failure.  Their words are
 * held to what a sentence is: what a hostile server made of the process must not reach a terminal.
 */
static const char *
said_by_session(const struct request *rq, struct span data, char why[TEXT_BOUND + 1])
{
	if (rq->method->to != PEER_SESSION || data.n == 0 || data.n > TEXT_BOUND)
		return NULL;
	for (size_t i = 0; i < data.n; i++)
		if (data.p[i] < 0x20 || data.p[i] == 0x7f ||
		    (data.p[i] == 0xc2 && i + 1 < data.n && data.p[i + 1] < 0xa0))
			return NULL;
	memcpy(why, data.p, data.n);
	why[data.n] = '\0';
	return utf8_valid(why, data.n) ? why : NULL;
}

static const char *
why_failed(const struct request *rq, nt status, struct span data, char why[TEXT_BOUND + 1])
{
	const char *said = said_by_session(rq, data, why);

	return said ? said : failure_sentence(rq, status);
}

static void
answered(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct request *rq = ctx;
	char why[TEXT_BOUND + 1];
	bool failed = nt_failed(status);

	(void)done;
	if (!failed)
		status = answer_take(rq, body, data);
	if (nt_failed(status))
		request_finish(rq, status, why_failed(rq, status, failed ? data : SPAN_NONE, why));
	else if (problem_take(rq, why))
		request_finish(rq, STATUS_INVALID_PARAMETER, why);
	else
		request_done(rq);
}

void
forward_send(struct request *rq)
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
