/* ferry.c - calls that wait for orders, and what becomes of those.  See ferry.h. */
#include "cli/ferry_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "cli/values.h"

/* ipc/msg/client.msg.h: what an answer of client.local wants. */
enum { LOCAL_NOTHING, LOCAL_READ, LOCAL_WRITE };

static struct lent *
lent_find(const struct api *a, uint64_t job)
{
	struct lent *l = a->ferry ? a->ferry->lent : NULL;

	while (l && l->job != job)
		l = l->next;
	return l;
}

/* ---- calls ---- */

static struct ferry_call *
call_find(struct ferry *f, unsigned id)
{
	for (size_t i = 0; i < FERRY_OUT; i++) {
		if (f->calls[i].id == id)
			return &f->calls[i];
	}
	return NULL;
}

/* What became of an order goes with it, number 0: of none; and it waits for another if too few do. */
static void
call_send(struct api *a, uint64_t number, nt failed, struct span bytes)
{
	struct ferry *f         = a->ferry;
	struct ferry_call *call = call_find(f, 0);
	bool waits              = call && f->waiting < FERRY_CALLS;
	json_t *request         = json_pack("{s:s, s:I, s:I, s:b}", "ferry", f->token, "order",
	    (json_int_t)number, "failed", (json_int_t)failed.code, "wait", waits);
	const char *why;
	unsigned id = api_send(a, "client.local", request, bytes, &why);

	json_decref(request);
	if (id && call) {
		*call = (struct ferry_call){ id, waits, number != 0 };
		f->waiting += waits;
	}
}

static void
calls_fill(struct api *a)
{
	for (unsigned i = a->ferry->waiting; i < FERRY_CALLS && a->ferry->lent; i++)
		call_send(a, 0, STATUS_SUCCESS, SPAN_NONE);
}

/* ---- orders ---- */

static nt
nt_of_errno(int e)
{
	switch (e) {
	case 0:
		return STATUS_SUCCESS;
	case ENOSPC:
	case EDQUOT:
		return STATUS_DISK_FULL;
	case EPIPE:
		return STATUS_PIPE_BROKEN;
	case EFBIG:
		return STATUS_FILE_TOO_LARGE;
	default:
		return STATUS_IO_DEVICE_ERROR;
	}
}

static void
order_told(struct api *a, struct lent *l, struct order *o)
{
	l->moved += o->done;
	call_send(a, o->number, nt_of_errno(l->error),
	    !o->write && !l->error ? SPAN(o->bytes, o->done) : SPAN_NONE);
	order_free(o);
}

/* A pipe's orders, the next of them first, as far as they go. */
static void
lent_push(struct api *a, struct lent *l)
{
	struct order *o;

	while ((o = l->orders) && (o->offset == l->at || l->ended || l->error)) {
		if (!order_push(l, o))
			break;
		l->orders = o->next;
		l->at += o->done;
		order_told(a, l, o);
	}
}

static void
order_queue(struct lent *l, struct order *o)
{
	struct order **at = &l->orders;

	while (*at && (*at)->offset < o->offset)
		at = &(*at)->next;
	o->next = *at;
	*at     = o;
}

static struct order *
order_of(const struct api_got *got)
{
	struct order *o = xcalloc(1, sizeof *o);

	o->number = json_u64_get(got->json, "order");
	o->offset = json_u64_get(got->json, "offset");
	o->length = (size_t)json_u64_get(got->json, "length");
	o->write  = json_u64_get(got->json, "what") == LOCAL_WRITE;
	if (o->length <= FERRY_MOST)
		o->bytes = xcalloc(1, o->length + 1);
	if (o->bytes && o->write && got->n_binary == o->length)
		memcpy(o->bytes, got->binary, o->length);
	return o;
}

static void
order_take(struct api *a, const struct api_got *got)
{
	struct lent *l  = lent_find(a, json_u64_get(got->json, "job"));
	struct order *o = order_of(got);
	bool sense      = o->bytes && o->offset <= INT64_MAX - o->length &&
	    (o->write ? got->n_binary == o->length : got->n_binary == 0);

	if (!l || !sense || o->write != l->writable) {
		call_send(a, o->number, sense ? STATUS_CANCELLED : STATUS_INVALID_PARAMETER, SPAN_NONE);
		order_free(o);
	} else if (l->pipe) {
		order_queue(l, o);
		lent_push(a, l);
	} else {
		(void)order_push(l, o);
		order_told(a, l, o);
	}
}

/* Nothing more will come for them, so their questions are not to wait either. */
static void
cancel_all(struct api *a)
{
	const char *why;

	for (const struct lent *l = a->ferry->lent; l; l = l->next) {
		json_t *request = json_pack("{s:I}", "job", (json_int_t)l->job);

		(void)api_send(a, "client.cancel", request, SPAN_NONE, &why);
		json_decref(request);
	}
}

bool
ferry_takes(struct api *a, struct api_got *got)
{
	struct ferry_call *call = a->ferry && got->id ? call_find(a->ferry, got->id) : NULL;
	struct ferry_call was;

	if (!call)
		return false;
	was      = *call;
	call->id = 0;
	a->ferry->waiting -= was.waits;
	if (nt_failed(got->status)) {
		if (was.tells || a->ferry->waiting == 0)
			cancel_all(a);
	} else {
		if (json_u64_get(got->json, "what") != LOCAL_NOTHING)
			order_take(a, got);
		calls_fill(a);
	}
	api_got_free(got);
	return true;
}

/* ---- waiting ---- */

int
ferry_watch(const struct api *a, zmq_pollitem_t *items)
{
	int n = 0;

	for (const struct lent *l = a->ferry ? a->ferry->lent : NULL; l; l = l->next) {
		if (l->orders && n < (int)FERRY_LENT)
			items[n++] = (zmq_pollitem_t){ .fd = l->fd,
				.events = l->writable ? ZMQ_POLLOUT : ZMQ_POLLIN };
	}
	return n;
}

void
ferry_ready(struct api *a)
{
	for (struct lent *l = a->ferry->lent; l; l = l->next)
		lent_push(a, l);
}

/* ---- lending ---- */

static struct ferry *
ferry_of(struct api *a)
{
	uint8_t raw[(FERRY_TOKEN - 1) / 2];

	if (a->ferry)
		return a->ferry;
	a->ferry = xcalloc(1, sizeof *a->ferry);
	random_bytes(raw, sizeof raw);
	for (size_t i = 0; i < sizeof raw; i++)
		(void)snprintf(a->ferry->token + 2 * i, 3, "%02x", raw[i]);
	return a->ferry;
}

bool
ferry_lend(struct api *a, uint64_t job, int fd, const char **ret_why)
{
	struct ferry *f = ferry_of(a);
	int mine        = f->n_lent < FERRY_LENT ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
	struct stat st;
	struct lent *l;

	if (mine < 0 || fstat(mine, &st) < 0) {
		*ret_why = f->n_lent < FERRY_LENT ? strerror(errno) : "too many files at a time";
		if (mine >= 0)
			(void)close(mine);
		return false;
	}
	l  = xcalloc(1, sizeof *l);
	*l = (struct lent){ .next = f->lent, .job = job, .fd = mine, .pipe = !S_ISREG(st.st_mode),
		.writable = (fcntl(mine, F_GETFL) & O_ACCMODE) != O_RDONLY };
	if (l->pipe)
		(void)fcntl(mine, F_SETFL, fcntl(mine, F_GETFL) | O_NONBLOCK);
	f->lent = l;
	f->n_lent++;
	calls_fill(a);
	return true;
}

bool
ferry_request(struct api *a, uint64_t job, json_t *request)
{
	const struct lent *l = lent_find(a, job);

	return l && json_object_update_new(request, json_pack("{s:s, s:b, s:I}", "ferry",
	    a->ferry->token, "pipe", l->pipe, "job", (json_int_t)job)) == 0;
}

static void
lent_free(struct lent *l)
{
	while (l->orders) {
		struct order *o = l->orders;

		l->orders = o->next;
		order_free(o);
	}
	(void)close(l->fd);
	free(l);
}

void
ferry_end(struct api *a, uint64_t job)
{
	struct lent *l = lent_find(a, job), **at;

	if (!l)
		return;
	for (at = &a->ferry->lent; *at != l;)
		at = &(*at)->next;
	*at = l->next;
	a->ferry->n_lent--;
	lent_free(l);
}

void
ferry_rest(struct api *a)
{
	json_t *request;
	const char *why;

	if (!a->ferry || a->ferry->lent || a->ferry->waiting == 0)
		return;
	request = json_pack("{s:s, s:b}", "ferry", a->ferry->token, "end", true);
	(void)api_send(a, "client.local", request, SPAN_NONE, &why);
	json_decref(request);
}

void
ferry_free(struct api *a)
{
	while (a->ferry && a->ferry->lent)
		ferry_end(a, a->ferry->lent->job);
	free(a->ferry);
	a->ferry = NULL;
}

uint64_t
ferry_moved(const struct api *a, uint64_t job)
{
	const struct lent *l = lent_find(a, job);

	return l ? l->moved : 0;
}

int
ferry_error(const struct api *a, uint64_t job)
{
	const struct lent *l = lent_find(a, job);

	return l ? l->error : 0;
}
