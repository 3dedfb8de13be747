/*
 * api_mail.c - questions out and answers in, in whatever order they come.
 *
 * An answer belongs to the question whose id it carries; what belongs to none
 * and says what kind it is, is an event; the rest (answers that nobody waits
 * for any more) is dropped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "base/fatal.h"
#include "cli/ferry_private.h"
#include "cli/interrupt.h"

#define LOOK_MS    1000	/* how often to ask whether the server still listens */
#define FRAMES_MAX 8

static bool
send_frame(struct api *a, struct span s, bool more)
{
	return zmq_send(a->socket, s.p, s.n, more ? ZMQ_SNDMORE : 0) >= 0;
}

static bool
send_request(struct api *a, const char *id, const char *method, const char *json,
    struct span binary)
{
	return send_frame(a, SPAN_STR("BH1"), true) && send_frame(a, SPAN_STR(id), true) &&
	    send_frame(a, SPAN_STR(method), true) && send_frame(a, SPAN_STR(json), binary.n > 0) &&
	    (binary.n == 0 || send_frame(a, binary, false));
}

static void
out_add(struct api *a, unsigned id)
{
	if (a->n_out == a->cap_out) {
		unsigned *more = xcalloc(2 * a->cap_out + 8, sizeof *more);

		if (a->n_out > 0)
			memcpy(more, a->out, a->n_out * sizeof *more);
		free(a->out);
		a->out     = more;
		a->cap_out = 2 * a->cap_out + 8;
	}
	a->out[a->n_out++] = id;
}

/* Was this asked and not answered?  Now it is. */
static bool
out_take(struct api *a, unsigned id)
{
	for (size_t i = 0; i < a->n_out; i++) {
		if (a->out[i] == id) {
			a->out[i] = a->out[--a->n_out];
			return true;
		}
	}
	return false;
}

unsigned
api_send(struct api *a, const char *method, const json_t *request, struct span binary,
    const char **ret_why)
{
	char id[16];
	char *text = json_dumps(request, JSON_COMPACT);
	bool sent;

	(void)snprintf(id, sizeof id, "%u", ++a->last_id);
	sent = text && send_request(a, id, method, text, binary);
	free(text);
	if (!sent) {
		*ret_why = zmq_strerror(errno);
		return 0;
	}
	out_add(a, a->last_id);
	return a->last_id;
}

/* A whole multipart message that waits; frames past FRAMES_MAX are thrown away. */
struct message {
	zmq_msg_t frames[FRAMES_MAX];
	size_t n;
};

static void
message_free(struct message *m)
{
	while (m->n > 0)
		(void)zmq_msg_close(&m->frames[--m->n]);
}

static void
message_take(struct api *a, struct message *m)
{
	int more = 1;

	while (more) {
		zmq_msg_t frame;

		(void)zmq_msg_init(&frame);
		more = zmq_msg_recv(&frame, a->socket, 0) >= 0 && zmq_msg_more(&frame);
		if (m->n < FRAMES_MAX)
			m->frames[m->n++] = frame;
		else
			(void)zmq_msg_close(&frame);
	}
}

static struct span
message_frame(struct message *m, size_t i)
{
	return i < m->n ? SPAN(zmq_msg_data(&m->frames[i]), zmq_msg_size(&m->frames[i])) : SPAN_NONE;
}

/* The id frame as one of our numbers; 0 if it is none. */
static unsigned
message_id(struct message *m)
{
	struct span s = message_frame(m, 1);
	unsigned id   = 0;

	if (s.n == 0 || s.n > 9)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		id = 10 * id + (unsigned)(s.p[i] - '0');
	}
	return id;
}

static bool
status_of(const json_t *reply, nt *ret)
{
	const json_t *number = json_object_get(json_object_get(reply, "status"), "number");

	if (!json_is_integer(number) || json_integer_value(number) < 0 ||
	    json_integer_value(number) > UINT32_MAX)
		return false;
	*ret = (nt){ (uint32_t)json_integer_value(number) };
	return true;
}

void
api_got_free(struct api_got *got)
{
	json_decref(got->json);
	free(got->binary);
	*got = (struct api_got){ 0 };
}

static void
keep_binary(struct api_got *got, struct span s)
{
	if (s.n == 0)
		return;
	got->binary = xcalloc(s.n, 1);
	memcpy(got->binary, s.p, s.n);
	got->n_binary = s.n;
}

/* Reads the message that waits.  API_QUIET: it is for nobody. */
static enum api_wait
receive(struct api *a, struct api_got *ret, const char **ret_why)
{
	struct message m   = { .n = 0 };
	struct api_got got = { 0 };
	struct span json;
	bool asked, event;

	message_take(a, &m);
	json     = message_frame(&m, 3);
	got.json = json_loadb((const char *)json.p, json.n, 0, NULL);
	event    = json_is_string(json_object_get(got.json, "kind")) &&
	    !json_object_get(got.json, "status");
	asked    = !event && out_take(a, message_id(&m));
	got.id   = asked ? message_id(&m) : 0;
	if (asked || event)
		keep_binary(&got, message_frame(&m, 4));
	message_free(&m);
	if (asked && (!json_is_object(got.json) || !status_of(got.json, &got.status))) {
		*ret_why = json_is_object(got.json) ? "the server's answer has no status"
						    : "the server's answer is no JSON object";
		api_got_free(&got);
		return API_LOST;
	}
	if (!asked && !event) {
		json_decref(got.json);
		return API_QUIET;
	}
	*ret = got;
	return API_GOT;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#define OURS 3	/* a message, the caller's descriptor, the connection's end; then what a ferry waits for */

static int
items_fill(const struct api *a, int fd, zmq_pollitem_t *items)
{
	items[0] = (zmq_pollitem_t){ .socket = a->socket, .events = ZMQ_POLLIN };
	items[1] = (zmq_pollitem_t){ .fd = fd, .events = fd >= 0 ? ZMQ_POLLIN : 0 };
	items[2] = (zmq_pollitem_t){ .socket = a->monitor, .fd = -1,
		.events = a->monitor ? ZMQ_POLLIN : 0 };
	return OURS + ferry_watch(a, items + OURS);
}

/* Of what the monitor has to tell. */
static bool
connection_ended(struct api *a)
{
	uint8_t head[6] = { 0 };
	uint16_t event  = 0;

	while (zmq_recv(a->monitor, head, sizeof head, ZMQ_DONTWAIT) == (int)sizeof head &&
	    event != ZMQ_EVENT_DISCONNECTED) {
		memcpy(&event, head, sizeof event);
		(void)zmq_recv(a->monitor, NULL, 0, ZMQ_DONTWAIT);	/* the address */
	}
	return event == ZMQ_EVENT_DISCONNECTED;
}

/* Waits until there is a message (API_GOT), or for one of the other reasons to return. */
static enum api_wait
wait_readable(struct api *a, int64_t until, int fd, const char **ret_why)
{
	for (;;) {
		zmq_pollitem_t items[OURS + FERRY_LENT];
		int64_t left = until - now_ms();
		int ms       = left < LOOK_MS ? (int)(left > 0 ? left : 0) : LOOK_MS;
		int n        = zmq_poll(items, items_fill(a, fd, items), ms);

		if (n > 0 && items[0].revents)
			return API_GOT;
		if (interrupted())
			return API_INTERRUPTED;
		if (n > 0 && items[1].revents)
			return API_READABLE;
		if (n > 0 && items[2].revents && connection_ended(a)) {
			*ret_why = "the connection to the server has ended";
			return API_LOST;
		}
		if (n > 0 && a->ferry)
			ferry_ready(a);
		if (n == 0 && ms == LOOK_MS && a->path[0] && api_look(a->path) != API_REACHED) {
			*ret_why = "the server went away before it answered";
			return API_LOST;
		}
		if (left <= 0)
			return API_QUIET;
	}
}

static enum api_wait
wait_message(struct api *a, int64_t until, int fd, struct api_got *ret, const char **ret_why)
{
	enum api_wait w;

	do {
		w = wait_readable(a, until, fd, ret_why);
		if (w != API_GOT)
			return w;
		w = receive(a, ret, ret_why);
		if (w == API_GOT && ferry_takes(a, ret))
			w = interrupted() ? API_INTERRUPTED : API_QUIET;
	} while (w == API_QUIET && now_ms() < until);
	return w;
}

static int64_t
deadline(int ms)
{
	return ms < 0 ? INT64_MAX : now_ms() + ms;
}

enum api_wait
api_next(struct api *a, int ms, int fd, struct api_got *ret, const char **ret_why)
{
	struct api_mail *m = a->mail;

	if (!m)
		return wait_message(a, deadline(ms), fd, ret, ret_why);
	a->mail = m->next;
	*ret    = m->got;
	free(m);
	return API_GOT;
}

static void
keep(struct api *a, const struct api_got *got)
{
	struct api_mail *m = xcalloc(1, sizeof *m), **at = &a->mail;

	m->got = *got;
	while (*at)
		at = &(*at)->next;
	*at = m;
}

enum api_wait
api_await(struct api *a, unsigned id, int ms, struct api_got *ret, const char **ret_why)
{
	int64_t until = deadline(ms);

	for (;;) {
		struct api_got got = { 0 };
		enum api_wait w    = wait_message(a, until, -1, &got, ret_why);

		if (w != API_GOT)
			(void)out_take(a, id);
		if (w != API_GOT || got.id == id) {
			*ret = got;
			return w;
		}
		keep(a, &got);
	}
}

void
api_mail_free(struct api *a)
{
	while (a->mail) {
		struct api_mail *m = a->mail;

		a->mail = m->next;
		api_got_free(&m->got);
		free(m);
	}
}
