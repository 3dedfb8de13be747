/*
 * api.c - the scripting socket: is anybody there, and one question, one answer.
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
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "cli/ferry_private.h"

#define PATIENCE     60
#define HANDSHAKE_MS 10000

enum api_reach
api_look(const char *path)
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
	    handshake_watch(a, 0) && zmq_connect(a->socket, endpoint) == 0;
}

enum api_reach
api_open(const char *path, struct api **ret)
{
	struct api *a;
	enum api_reach reach;

	if (strlen(path) >= sizeof a->path)
		return API_BROKEN;
	reach = api_look(path);
	if (reach != API_REACHED)
		return reach;
	a           = xcalloc(1, sizeof *a);
	a->patience = PATIENCE;
	(void)snprintf(a->path, sizeof a->path, "%s", path);
	if (!dealer_open(a)) {
		api_close(a);
		return API_BROKEN;
	}
	/* A uid of the server's own is refused there; a server that is only slow is not. */
	if (handshake_wait(a, HANDSHAKE_MS) == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
		api_close(a);
		return API_FORBIDDEN;
	}
	*ret = a;
	return API_REACHED;
}

void
api_close(struct api *a)
{
	if (!a)
		return;
	ferry_free(a);
	handshake_end(a);
	if (a->socket)
		(void)zmq_close(a->socket);
	if (a->context)
		(void)zmq_ctx_term(a->context);
	api_mail_free(a);
	free(a->out);
	free(a);
}

void
api_set_patience(struct api *a, unsigned seconds)
{
	a->patience = seconds;
}

const char *
api_path(const struct api *a)
{
	return a->path;
}

static const char *
silence(enum api_wait w, const char *why)
{
	switch (w) {
	case API_INTERRUPTED:
		return "interrupted";
	case API_LOST:
		return why;
	default:
		return "the server did not answer; does it let this user ask?";
	}
}

bool
api_call_binary(struct api *a, const char *method, const json_t *request, struct span binary,
    struct api_got *ret, const char **ret_why)
{
	unsigned id = api_send(a, method, request, binary, ret_why);
	enum api_wait w;

	if (id == 0)
		return false;
	w = api_await(a, id, (int)a->patience * 1000, ret, ret_why);
	if (w != API_GOT)
		*ret_why = silence(w, *ret_why);
	return w == API_GOT;
}

bool
api_call(struct api *a, const char *method, const json_t *request, struct span binary,
    json_t **ret_reply, nt *ret_status, const char **ret_why)
{
	struct api_got got;

	if (!api_call_binary(a, method, request, binary, &got, ret_why))
		return false;
	*ret_reply  = json_incref(got.json);
	*ret_status = got.status;
	api_got_free(&got);
	return true;
}
