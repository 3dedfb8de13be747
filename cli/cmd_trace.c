/*
 * cmd_trace.c - packets of the running instance as it sees them: to a capture, or
 * printed as `bulkhead dissect` does, by that command in a process of its own.
 *
 * Here nothing looks into a packet: strangers wrote it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/api.h"
#include "cli/ask.h"
#include "cli/interrupt.h"
#include "cli/trace_out.h"
#include "cli/values.h"

#define SETTLE_NS  (100 * UINT64_C(1000000))	/* an older one may come so late, from another process */
#define LOOK_MS	   20
#define CHECK_NS   (2000 * UINT64_C(1000000))	/* an api that died has forgotten us, and says nothing */
#define COUNT_MAX  1000000000ul
#define SECONDS_MAX 31536000ul
#define SNAP_MAX   1052672

static uint64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- what comes ---- */

static bool
is_listed(const struct trace *t, const json_t *reply)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(reply, "traces"), i, row)
		if (json_u64_get(row, "trace") == t->number)
			return true;
	return false;
}

static void
event_take(struct trace *t, struct api_got *got)
{
	struct traced *p = NULL;

	if (got->id != 0 && got->id == t->asked) {
		t->asked = 0;
		t->gone	 = !is_listed(t, got->json);
	}
	if (got->id == 0 && strcmp(json_str_get(got->json, "kind"), "packet") == 0)
		p = traced_read(got->json, got->binary, got->n_binary);
	if (p)
		traced_put(&t->held, p);
	api_got_free(got);
}

/* One question at a time, so that it costs nothing where an answer never comes. */
static void
trace_check(struct trace *t)
{
	const char *why = "";
	uint64_t now	= now_ns();
	json_t *request;

	if (t->asked != 0 || now - t->asked_at < CHECK_NS)
		return;
	request	    = json_object();
	t->asked_at = now;
	t->asked    = api_send(t->cli->api, "trace.list", request, SPAN_NONE, &why);
	json_decref(request);
}

static int
wait_ms(const struct trace *t)
{
	uint64_t now = now_ns(), left;

	if (t->held.n > 0)
		return LOOK_MS;
	if (t->until == 0)
		return 1000;
	left = t->until > now ? (t->until - now) / 1000000 + 1 : 0;
	return left < 1000 ? (int)left : 1000;
}

static int
trace_run(struct trace *t)
{
	const char *why = "";
	struct api_got got;
	enum api_wait w = API_QUIET;

	while (!trace_is_over(t) && !t->gone && (w == API_GOT || w == API_QUIET)) {
		if (t->until != 0 && now_ns() >= t->until)
			break;
		trace_check(t);
		w = api_next(t->cli->api, wait_ms(t), -1, &got, &why);
		if (w == API_GOT)
			event_take(t, &got);
		trace_packets_out(t, now_ns() - SETTLE_NS);
	}
	if (t->gone)
		why = "the server has forgotten the trace: a part of it was restarted";
	return t->gone || w == API_LOST ? cli_refused("%s", why) : EXIT_OK;
}

/* ---- what is asked for ---- */

static bool
session_read(const char *text, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret  = strtoull(text, &end, 0);
	return errno == 0 && end != text && *end == '\0';
}

static void
text_add(json_t *request, const char *field, const char *value)
{
	if (value)
		(void)json_object_set_new(request, field, json_string(value));
}

static json_t *
request_make(const struct cli *c, uint64_t session)
{
	bool payload	= options_has(&c->args, OPT_PAYLOAD);
	json_t *request = json_pack("{s:b}", "payload", payload);

	text_add(request, "user", options_value(&c->args, OPT_USER));
	text_add(request, "share", options_value(&c->args, OPT_SHARE));
	text_add(request, "client", options_value(&c->args, OPT_CLIENT));
	text_add(request, "commands", options_value(&c->args, OPT_COMMAND));
	if (session != 0)
		text_add(request, "session", options_value(&c->args, OPT_SESSION));
	if (payload)
		(void)json_object_set_new(request, "snap", json_integer(SNAP_MAX));
	return request;
}

/*
 * An answer that does not come changes nothing any more.  One that comes stands behind all that
 * the processes had shown before.
 */
static void
trace_end(struct trace *t)
{
	struct api_got got;
	json_t *request = json_pack("{s:I}", "trace", (json_int_t)t->number), *reply = NULL;
	const char *why = "";
	nt status;

	if (api_call(t->cli->api, "trace.remove", request, SPAN_NONE, &reply, &status, &why)) {
		t->lost += json_u64_get(reply, "lost");
		json_decref(reply);
	}
	json_decref(request);
	while (api_next(t->cli->api, 0, -1, &got, &why) == API_GOT)
		event_take(t, &got);
}

static int
trace_with(struct trace *t, const char *method, json_t *request)
{
	json_t *reply = NULL;
	int rc	      = ask(t->cli, "trace", method, request, SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	t->number   = json_u64_get(reply, "trace");
	t->asked_at = now_ns();
	json_decref(reply);
	(void)fprintf(stderr, "bulkhead: tracing\n");
	rc = trace_run(t);
	interrupt_clear();
	if (rc == EXIT_OK)
		trace_end(t);
	return rc;
}

int
cmd_trace(struct cli *c)
{
	const char *what = c->args.n_operands > 0 ? c->args.operands[0] : "server";
	const char *id	 = options_value(&c->args, OPT_SESSION);
	bool client	 = strcmp(what, "client") == 0;
	struct trace t	 = { .cli = c };
	unsigned long count, seconds;
	uint64_t session = 0;
	int rc, closed;

	if (!client && strcmp(what, "server") != 0)
		return cli_misused("trace server, or trace client; not %s", what);
	if (id && !session_read(id, &session))
		return cli_misused("--session needs a number");
	rc = option_number(&c->args, OPT_COUNT, 0, COUNT_MAX, &count);
	if (rc == EXIT_OK)
		rc = option_number(&c->args, OPT_SECONDS, 0, SECONDS_MAX, &seconds);
	if (rc == EXIT_OK)
		rc = trace_output_open(&t);
	if (rc != EXIT_OK)
		return rc;
	t.most	= count;
	t.until = seconds > 0 ? now_ns() + seconds * UINT64_C(1000000000) : 0;
	interrupt_catch();
	rc     = trace_with(&t, client ? "client.trace" : "trace.add", request_make(c, session));
	closed = trace_output_close(&t);
	if (rc == EXIT_OK)
		(void)fprintf(stderr, "bulkhead: %" PRIu64 " packets, %" PRIu64 " lost\n", t.count,
			      t.lost);
	return rc == EXIT_OK ? closed : rc;
}
