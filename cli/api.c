/*
 * api.c - one question, one answer, over the scripting socket.
 *
 * ZeroMQ reconnects for ever and silently, so whether anybody listens is asked
 * of the kernel first, and again while waiting.
 */
#include "cli/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"

#define ANSWER_SECONDS 60
#define LOOK_MS        1000	/* how often to ask whether the server still listens */
#define FRAMES_MAX     8

struct api {
	void *context;
	void *socket;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
	unsigned last_id;
};

/* Somebody accepts on this path? */
static enum api_reach
look(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	enum api_reach reach   = API_REACHED;
	int fd;

	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return API_BROKEN;
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			reach = API_ABSENT;
		else
			reach = errno == EACCES ? API_FORBIDDEN : API_BROKEN;
	}
	(void)close(fd);
	return reach;
}

static bool
dealer_open(struct api *a)
{
	char endpoint[sizeof a->path + 8];
	int none = 0;

	(void)snprintf(endpoint, sizeof endpoint, "ipc://%s", a->path);
	a->context = zmq_ctx_new();
	a->socket  = a->context ? zmq_socket(a->context, ZMQ_DEALER) : NULL;
	return a->socket && zmq_setsockopt(a->socket, ZMQ_LINGER, &none, sizeof none) == 0 &&
	    zmq_connect(a->socket, endpoint) == 0;
}

enum api_reach
api_open(const char *path, struct api **ret)
{
	struct api *a;
	enum api_reach reach;

	if (strlen(path) >= sizeof a->path)
		return API_BROKEN;
	reach = look(path);
	if (reach != API_REACHED)
		return reach;
	a = xcalloc(1, sizeof *a);
	(void)snprintf(a->path, sizeof a->path, "%s", path);
	if (!dealer_open(a)) {
		api_close(a);
		return API_BROKEN;
	}
	*ret = a;
	return API_REACHED;
}

void
api_close(struct api *a)
{
	if (!a)
		return;
	if (a->socket)
		(void)zmq_close(a->socket);
	if (a->context)
		(void)zmq_ctx_term(a->context);
	free(a);
}

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

/* Waits until a message is there.  False: why. */
static bool
wait_readable(struct api *a, time_t until, const char **ret_why)
{
	zmq_pollitem_t item = { .socket = a->socket, .events = ZMQ_POLLIN };

	for (;;) {
		if (zmq_poll(&item, 1, LOOK_MS) > 0)
			return true;
		if (look(a->path) != API_REACHED) {
			*ret_why = "the server went away before it answered";
			return false;
		}
		if (time(NULL) >= until) {
			*ret_why = "the server did not answer; does it let this user ask?";
			return false;
		}
	}
}

/* The JSON of the answer to id, skipping events; NULL: why. */
static json_t *
wait_reply(struct api *a, const char *id, const char **ret_why)
{
	time_t until  = time(NULL) + ANSWER_SECONDS;
	json_t *reply = NULL;

	while (!reply) {
		struct message m = { .n = 0 };
		struct span json;

		if (!wait_readable(a, until, ret_why))
			return NULL;
		message_take(a, &m);
		json = message_frame(&m, 3);
		if (span_eq(message_frame(&m, 1), SPAN_STR(id))) {
			reply = json_loadb((const char *)json.p, json.n, 0, NULL);
			if (!json_is_object(reply)) {
				json_decref(reply);
				message_free(&m);
				*ret_why = "the server's answer is no JSON object";
				return NULL;
			}
		}
		message_free(&m);
	}
	return reply;
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

bool
api_call(struct api *a, const char *method, const json_t *request, struct span binary,
    json_t **ret_reply, nt *ret_status, const char **ret_why)
{
	char id[16];
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *reply;
	bool sent;

	(void)snprintf(id, sizeof id, "%u", ++a->last_id);
	sent = text && send_request(a, id, method, text, binary);
	free(text);
	if (!sent) {
		*ret_why = zmq_strerror(errno);
		return false;
	}
	reply = wait_reply(a, id, ret_why);
	if (!reply)
		return false;
	if (!status_of(reply, ret_status)) {
		*ret_why = "the server's answer has no status";
		json_decref(reply);
		return false;
	}
	*ret_reply = reply;
	return true;
}
