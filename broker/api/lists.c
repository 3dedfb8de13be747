/*
 * lists.c - requests that are answered by lists, walked row by row: each answer
 * names the next question, so that a long list holds up nobody.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/api/api.h"

#define ROWS_MAX   100000u
#define STORAGE_MS 2000u /* a storage has for one row */

static const struct list *
list_now(const struct request *rq)
{
	return &rq->method->lists[rq->list];
}

/* ---- lists of which every fsd has a part ---- */

/* In order of their numbers; NULL behind the last. */
static struct link *
fsd_next(const struct request *rq)
{
	struct link *l = NULL, *best = NULL;

	while ((l = node_next(rq->api->node, l)))
		if (link_role(l) == PEER_FSD && link_peer(l) > rq->fsd &&
		    (!best || link_peer(l) < link_peer(best)))
			best = l;
	return best;
}

static struct link *
list_link(struct request *rq)
{
	struct link *l;

	if (list_now(rq)->from != PEER_FSD)
		return request_target(rq, list_now(rq)->from);
	l = rq->fsd ? node_find(rq->api->node, rq->fsd) : fsd_next(rq);
	if (l)
		rq->fsd = link_peer(l);
	return l;
}

/* A storage that hangs does not keep the others' rows from who asks. */
static uint32_t
list_patience(const struct link *l)
{
	return l && link_storage(l)[0] != '\0' ? STORAGE_MS : REQUEST_CALL_MS;
}

/* Is there a next one, now that this one has no more rows, or does not answer? */
static bool
list_next_fsd(struct request *rq, nt status)
{
	struct link *was  = node_find(rq->api->node, rq->fsd);
	struct link *next = fsd_next(rq);
	bool fine         = nt_is(status, STATUS_NO_MORE_ENTRIES) || !was ||
		    link_storage(was)[0] != '\0';

	if (list_now(rq)->from != PEER_FSD || !next || !fine)
		return false;
	rq->fsd    = link_peer(next);
	rq->cursor = 0;
	return true;
}

static const struct msg_field *
field_named(const struct msg_field *f, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(f[i].name, name) == 0)
			return &f[i];
	}
	fatal("no field %s", name);
}

/* The cursor as a field of msg, or from it. */
static void
cursor_put(const struct request *rq, const struct msg_field *f, void *msg)
{
	uint8_t *at = (uint8_t *)msg + f->at;

	if (f->type == MSG_T_u64)
		*(uint64_t *)(void *)at = rq->cursor;
	else if (f->type == MSG_T_u32)
		*(uint32_t *)(void *)at = (uint32_t)rq->cursor;
	else
		*(struct str *)(void *)at = str_of(rq->cursor_name);
}

static void
cursor_take(struct request *rq, const struct msg_field *f, const void *msg)
{
	const uint8_t *at = (const uint8_t *)msg + f->at;

	if (f->type == MSG_T_u64)
		rq->cursor = *(const uint64_t *)(const void *)at;
	else if (f->type == MSG_T_u32)
		rq->cursor = *(const uint32_t *)(const void *)at;
	else
		(void)snprintf(rq->cursor_name, sizeof rq->cursor_name, "%s",
			       ((const struct str *)(const void *)at)->s);
}

static void
list_end(struct request *rq, nt status)
{
	const struct list *l = list_now(rq);

	if (nt_failed(status) && !rq->method->partial) {
		request_finish(rq, status, failure_sentence(rq, status));
		return;
	}
	if (nt_failed(status))
		(void)json_array_append_new(json_object_get(rq->reply, "unavailable"),
					    json_string(l->key));
	(void)json_object_set_new(rq->reply, l->key, rq->rows);
	rq->rows = NULL;
	rq->list++;
	request_lists(rq);
}

static void list_ask(struct request *);

static void
storage_name(const struct request *rq, json_t *row)
{
	const struct link *l = node_find(rq->api->node, rq->fsd);

	(void)json_object_set_new(row, "storage", json_string(l ? link_storage(l) : ""));
}

/* The last storage's silence is no failure of the list, either. */
static bool
list_is_over(const struct request *rq, nt status)
{
	const struct link *l = node_find(rq->api->node, rq->fsd);

	if (nt_is(status, STATUS_NO_MORE_ENTRIES) || json_array_size(rq->rows) >= ROWS_MAX)
		return true;
	return nt_failed(status) && list_now(rq)->from == PEER_FSD && rq->fsd != 0 &&
	       json_object_size(rq->api->places) > 0 && (!l || link_storage(l)[0] != '\0');
}

static void
list_answered(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct request *rq	 = ctx;
	const struct list *l	 = list_now(rq);
	const struct msg_desc *d = l->desc;
	void *rsp;
	json_t *row;

	(void)done;
	(void)data;
	if (nt_failed(status) && list_next_fsd(rq, status)) {
		list_ask(rq);
		return;
	}
	if (list_is_over(rq, status)) {
		list_end(rq, STATUS_SUCCESS);
		return;
	}
	rsp = xcalloc(1, d->rsp_size);
	if (!nt_failed(status))
		status = msg_decode(body, d->rsp(), d->n_rsp, rsp);
	if (!nt_failed(status)) {
		row = json_from_fields(d->rsp(), d->n_rsp, rsp);
		if (l->shape)
			l->shape(row);
		if (l->from == PEER_FSD)
			storage_name(rq, row);
		(void)json_array_append_new(rq->rows, row);
		cursor_take(rq, field_named(d->rsp(), d->n_rsp, l->cursor), rsp);
	}
	free(rsp);
	if (nt_failed(status))
		list_end(rq, status);
	else
		list_ask(rq);
}

/* What else the script said, where a list takes fields. */
static nt
list_fields(const struct request *rq, const struct list *l, void *req, char *why)
{
	static struct json_room room;

	if (rq->method->to == PEER_NONE)
		return STATUS_SUCCESS;
	room.used = 0;
	return json_to_fields(rq->args, l->desc->req(), l->desc->n_req, req, &room, why);
}

static void
list_ask(struct request *rq)
{
	const struct list *l	  = list_now(rq);
	struct link *link	  = list_link(rq);
	const struct call_opt opt = { .timeout_ms = list_patience(link) };
	void *req		  = xcalloc(1, l->desc->req_size);
	struct wr w		  = msg_room();
	char why[JSON_WHY]	  = "";
	nt s			  = list_fields(rq, l, req, why);

	cursor_put(rq, field_named(l->desc->req(), l->desc->n_req, "after"), req);
	msg_encode(&w, l->desc->req(), l->desc->n_req, req);
	free(req);
	if (!nt_failed(s) && !wr_ok(&w))
		s = STATUS_INVALID_PARAMETER;
	if (!nt_failed(s) && !link && l->from == PEER_NET) { /* runs only where it is configured */
		list_end(rq, STATUS_SUCCESS);
		return;
	}
	if (!nt_failed(s) && !link)
		s = STATUS_DEVICE_NOT_READY;
	if (!nt_failed(s))
		s = link_call(link, l->desc, wr_done(&w), &opt, list_answered, NULL, rq, NULL);
	if (why[0])
		request_finish(rq, s, why);
	else if (nt_failed(s))
		list_end(rq, s);
}

void
request_lists(struct request *rq)
{
	if (rq->list == rq->method->n_lists) {
		request_done(rq);
		return;
	}
	rq->rows	   = json_array();
	rq->cursor	   = 0;
	rq->cursor_name[0] = '\0';
	rq->fsd		   = 0;
	list_ask(rq);
}

void
lists_begin(struct request *rq)
{
	rq->reply = rq->method->partial ? json_pack("{s:[]}", "unavailable") : json_object();
	if (rq->method->to == PEER_NONE && json_object_size(rq->args) > 0)
		request_finish(rq, STATUS_INVALID_PARAMETER, "this method takes no fields");
	else
		request_lists(rq);
}
