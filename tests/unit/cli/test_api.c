/*
 * test_api.c - one question over a socket that a thread here answers, well and
 * badly.
 */
#include "tests/unit/check.h"

#include <pthread.h>
#include <unistd.h>
#include <zmq.h>

#include "cli/api.h"

static char dir[] = "/tmp/bh-api-XXXXXX";
static char path[64], endpoint[80];

/* What the server does with the one request that it takes. */
struct script {
	const char *event;	/* sent before the answer, under another id; or NULL */
	const char *answer;	/* JSON; NULL: goes away without one */
	char id[64], method[64], json[256], binary[64];
	void *context, *socket;
	pthread_t thread;
};

static void
take(struct script *s, char *dst, size_t size)
{
	int n = zmq_recv(s->socket, dst, size - 1, 0);

	assert_true(n >= 0 && (size_t)n < size);
	dst[n] = '\0';
}

static bool
more(struct script *s)
{
	int v    = 0;
	size_t n = sizeof v;

	return zmq_getsockopt(s->socket, ZMQ_RCVMORE, &v, &n) == 0 && v;
}

static void
say(struct script *s, struct span peer, const char *id, const char *json)
{
	assert_true(zmq_send(s->socket, peer.p, peer.n, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(s->socket, "BH1", 3, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(s->socket, id, strlen(id), ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(s->socket, s->method, strlen(s->method), ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(s->socket, json, strlen(json), 0) >= 0);
}

static void *
serve(void *arg)
{
	struct script *s = arg;
	char peer[64], magic[8];
	int n = zmq_recv(s->socket, peer, sizeof peer, 0);

	assert_true(n > 0);
	take(s, magic, sizeof magic);
	assert_string_equal(magic, "BH1");
	take(s, s->id, sizeof s->id);
	take(s, s->method, sizeof s->method);
	take(s, s->json, sizeof s->json);
	if (more(s))
		take(s, s->binary, sizeof s->binary);
	if (s->event)
		say(s, SPAN(peer, (size_t)n), "subscription", s->event);
	if (s->answer)
		say(s, SPAN(peer, (size_t)n), s->id, s->answer);
	else
		assert_int_equal(zmq_unbind(s->socket, endpoint), 0);
	return NULL;
}

static void
script_start(struct script *s)
{
	s->context = zmq_ctx_new();
	s->socket  = zmq_socket(s->context, ZMQ_ROUTER);
	assert_non_null(s->socket);
	assert_int_equal(zmq_bind(s->socket, endpoint), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
script_end(struct script *s)
{
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	zmq_close(s->socket);
	zmq_ctx_term(s->context);
	unlink(path);
}

/* Asks once; the reply's "x" member (0 without one), and why if there was no reply. */
static bool
ask_once(struct script *s, struct span binary, nt *ret_status, json_int_t *ret_x,
    const char **ret_why)
{
	struct api *a   = NULL;
	json_t *request = json_pack("{s:i}", "q", 1), *answer = NULL;
	bool ok;

	script_start(s);
	assert_int_equal(api_open(path, &a), API_REACHED);
	ok = api_call(a, "some.method", request, binary, &answer, ret_status, ret_why);
	if (ok)
		*ret_x = json_integer_value(json_object_get(answer, "x"));
	json_decref(answer);
	json_decref(request);
	api_close(a);
	script_end(s);
	return ok;
}

static void
call_sends_the_frames_and_takes_status_and_answer(void **state)
{
	struct script s = {
		.answer = "{\"status\":{\"name\":\"STATUS_SUCCESS\",\"number\":0},\"x\":7}"
	};
	const char *why = "";
	json_int_t x    = 0;
	nt status       = STATUS_UNSUCCESSFUL;

	(void)state;
	assert_true(ask_once(&s, SPAN_STR("secret"), &status, &x, &why));
	assert_status(status, STATUS_SUCCESS);
	assert_int_equal(x, 7);
	assert_string_equal(s.method, "some.method");
	assert_string_equal(s.json, "{\"q\":1}");
	assert_string_equal(s.binary, "secret");
}

static void
call_passes_over_events_and_reports_a_refusal(void **state)
{
	struct script s = {
		.event  = "{\"status\":{\"number\":0},\"x\":1}",
		.answer = "{\"status\":{\"name\":\"STATUS_ACCESS_DENIED\",\"number\":3221225506}}",
	};
	const char *why = "";
	json_int_t x    = 0;
	nt status       = STATUS_SUCCESS;

	(void)state;
	assert_true(ask_once(&s, SPAN_NONE, &status, &x, &why));
	assert_status(status, STATUS_ACCESS_DENIED);
	assert_string_equal(s.binary, "");
}

static void
call_refuses_answers_without_a_status(void **state)
{
	static const char *const answers[] = {
		"{}", "[]", "nonsense", "{\"status\":{\"number\":-1}}", "{\"status\":{\"number\":\"0\"}}",
		"{\"status\":{\"number\":4294967296}}",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(answers); i++) {
		struct script s = { .answer = answers[i] };
		const char *why = NULL;
		json_int_t x    = 0;
		nt status;

		assert_false(ask_once(&s, SPAN_NONE, &status, &x, &why));
		assert_non_null(why);
	}
}

static void
call_ends_when_the_server_goes_away(void **state)
{
	struct script s = { .answer = NULL };
	const char *why = "";
	json_int_t x    = 0;
	nt status;

	(void)state;
	assert_false(ask_once(&s, SPAN_NONE, &status, &x, &why));
	assert_string_equal(why, "the server went away before it answered");
}

static void
open_tells_absent_from_unusable(void **state)
{
	struct api *a = NULL;
	char name[300];

	(void)state;
	assert_int_equal(api_open(path, &a), API_ABSENT);
	memset(name, 'x', sizeof name - 1);
	name[0]               = '/';
	name[sizeof name - 1] = '\0';
	assert_int_equal(api_open(name, &a), API_BROKEN);
	assert_null(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_sends_the_frames_and_takes_status_and_answer),
		cmocka_unit_test(call_passes_over_events_and_reports_a_refusal),
		cmocka_unit_test(call_refuses_answers_without_a_status),
		cmocka_unit_test(call_ends_when_the_server_goes_away),
		cmocka_unit_test(open_tells_absent_from_unusable),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof path, "%s/broker.sock", dir);
	(void)snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(dir);
	return failed;
}
