/* place.c - operands as places on servers, and questions about them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/nt.h"
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/interrupt.h"
#include "cli/values.h"
#include "cli/way.h"

const char *
place_print(const struct place *p, char *buf)
{
	struct url u = p->at->where;

	u.user[0] = '\0';
	(void)snprintf(u.share, sizeof u.share, "%s", p->share);
	(void)snprintf(u.path, sizeof u.path, "%s", p->path);
	return url_print(&u, buf);
}

/* A path of the shell, from where it stands. */
static int
url_from_here(struct cli *c, const char *operand, struct url *ret)
{
	const struct place *here = &c->client->here;

	if (!here->at)
		return cli_refused("not connected");
	*ret = here->at->where;
	(void)snprintf(ret->share, sizeof ret->share, "%s", here->share);
	(void)snprintf(ret->path, sizeof ret->path, "%s", here->path);
	if (operand[0] && !here->share[0])
		return cli_refused("no share is in use; see: shares, use SHARE");
	if (!path_join(ret->path, sizeof ret->path, operand))
		return cli_refused("%s: the path leads out of the share, or is too long", operand);
	return EXIT_OK;
}

int
place_url(struct cli *c, const char *operand, struct url *ret)
{
	char why[URL_TEXT];

	if (c->client->in_shell && !url_is(operand))
		return url_from_here(c, operand, ret);
	if (!operand[0])
		return cli_misused("%s needs an address: smb://[USER@]HOST[:PORT][/SHARE[/PATH]]",
		    c->cmd->name);
	return url_parse(operand, ret, why, sizeof why) ? EXIT_OK : cli_misused("%s", why);
}

int
place_find(struct cli *c, const char *operand, enum place_want want, struct place *ret)
{
	struct url u;
	char text[URL_TEXT];
	int rc = place_url(c, operand, &u);

	if (rc != EXIT_OK)
		return rc;
	if (want == WANT_SHARE && !u.share[0])
		return cli_misused("%s: a share has to be named: %s/SHARE", operand,
		    url_print(&u, text));
	(void)snprintf(ret->share, sizeof ret->share, "%s", u.share);
	(void)snprintf(ret->path, sizeof ret->path, "%s", u.path);
	return remote_find(c, &u, &ret->at);
}

struct place
place_server(const struct place *p)
{
	struct place server = *p;

	server.share[0] = server.path[0] = '\0';
	return server;
}

bool
place_below(const struct place *dir, const char *name, struct place *ret)
{
	*ret = *dir;
	return !strpbrk(name, "/\\") && strcmp(name, "..") != 0 &&
	    path_join(ret->path, sizeof ret->path, name);
}

const char *
operand_or_here(const struct cli *c, size_t i)
{
	return i < c->args.n_operands ? c->args.operands[i] : "";
}

json_t *
place_request(const struct place *p, json_t *more)
{
	json_t *request = p->share[0] ? json_pack("{s:s, s:s}", "share", p->share, "path", p->path)
				      : json_object();

	(void)json_object_set(request, "session", json_object_get(p->at->info, "session"));
	if (more)
		(void)json_object_update_new(request, more);
	return request;
}

bool
status_ends_session(nt status)
{
	static const uint32_t ends[] = { NT_USER_SESSION_DELETED, NT_NETWORK_NAME_DELETED,
		NT_CONNECTION_ABORTED, NT_CONNECTION_RESET, NT_PIPE_BROKEN, NT_INVALID_HANDLE };

	for (size_t i = 0; i < NELEM(ends); i++) {
		if (status.code == ends[i])
			return true;
	}
	return false;
}

const char *
reply_sentence(const json_t *reply, nt status)
{
	const char *message = json_string_value(json_object_get(reply, "message"));

	return message ? message : nt_sentence(status);
}

int
place_refused(const struct place *p, nt status)
{
	return place_refused_as(p, NULL, status);
}

int
place_refused_as(const struct place *p, const json_t *reply, nt status)
{
	char text[URL_TEXT];
	json_t *refusal = json_pack("{s:{s:s, s:I}, s:s}", "status", "name", nt_name(status),
	    "number", (json_int_t)status.code, "message", reply_sentence(reply, status));

	json_refusal(refusal);
	json_decref(refusal);
	if (status_ends_session(status))
		remote_lost(p->at);
	return cli_refused("%s: %s (%s)", place_print(p, text), reply_sentence(reply, status),
	    nt_name(status));
}

bool
place_try(struct cli *c, const struct place *p, const char *method, json_t *more,
    json_t **ret_reply, nt *ret_status, const char **ret_why)
{
	json_t *request = place_request(p, more);
	bool answered   = api_call(c->api, method, request, SPAN_NONE, ret_reply, ret_status, ret_why);

	json_decref(request);
	return answered;
}

/* A session that is gone is noticed.  Of a listing, the names that were asked for are named. */
static int
ask_refused(const struct place *p, const json_t *request, const json_t *reply, nt status)
{
	const char *pattern = json_str_get(request, "pattern");
	struct place named  = *p;
	char text[URL_TEXT];

	json_refusal(reply);
	if (status_ends_session(status))
		remote_lost(p->at);
	if (pattern[0])
		(void)place_below(p, pattern, &named);
	return cli_refused("%s: %s (%s)", place_print(&named, text),
	    reply_sentence(reply, status), nt_name(status));
}

int
place_ask_binary(struct cli *c, const struct place *p, const char *method, json_t *more,
    struct api_got *ret)
{
	json_t *request    = place_request(p, more);
	struct api_got got = { 0 };
	const char *why    = "";
	bool answered      = api_call_binary(c->api, method, request, SPAN_NONE, &got, &why);
	char text[URL_TEXT];
	int rc;

	if (answered && !nt_failed(got.status)) {
		json_decref(request);
		*ret = got;
		return EXIT_OK;
	}
	rc = answered ? ask_refused(p, request, got.json, got.status)
		      : cli_refused("%s: %s", place_print(p, text), why);
	json_decref(request);
	api_got_free(&got);
	return rc;
}

int
place_ask(struct cli *c, const struct place *p, const char *method, json_t *more, json_t **ret)
{
	struct api_got got = { 0 };
	int rc             = place_ask_binary(c, p, method, more, &got);

	if (rc == EXIT_OK)
		*ret = json_incref(got.json);
	api_got_free(&got);
	return rc;
}

/* Cancels the job; its answer still comes, and soon. */
static void
job_cancel(struct cli *c, json_int_t job)
{
	json_t *request = json_pack("{s:I}", "job", job);
	const char *why;

	(void)api_send(c->api, "client.cancel", request, SPAN_NONE, &why);
	json_decref(request);
	interrupt_clear();
}

/* False: it will never come, *why says why. */
static bool
job_await(struct cli *c, json_int_t job, unsigned id, nt *ret, const char **why)
{
	struct api_got got = { 0 };
	enum api_wait w;

	do {
		w = api_next(c->api, 1000, -1, &got, why);
		if (w == API_INTERRUPTED)
			job_cancel(c, job);
		if (w == API_LOST)
			return false;
		if (w == API_GOT && got.id == id)
			break;
		if (w == API_GOT)
			api_got_free(&got);
	} while (true);
	*ret = got.status;
	api_got_free(&got);
	return true;
}

bool
place_move_try(struct cli *c, const struct place *p, const char *method, json_t *more, int fd,
    nt *ret_status)
{
	char text[URL_TEXT];
	json_int_t job  = (json_int_t)++c->client->last_job;
	json_t *request = place_request(p, more);
	const char *why = "";
	unsigned id     = 0;
	bool answered;

	(void)json_object_set_new(request, "job", json_integer(job));
	if (way_lend(c, (uint64_t)job, fd, request, &why))
		id = api_send(c->api, method, request, SPAN_NONE, &why);
	json_decref(request);
	(void)close(fd);
	answered = id && job_await(c, job, id, ret_status, &why);
	way_end(c, (uint64_t)job);
	way_rest(c);
	if (!answered)
		(void)cli_refused("%s: %s", place_print(p, text), why);
	return answered;
}

int
place_move(struct cli *c, const struct place *p, const char *method, json_t *more, int fd)
{
	nt status;

	if (!place_move_try(c, p, method, more, fd, &status))
		return EXIT_REFUSED;
	return nt_failed(status) ? place_refused(p, status) : EXIT_OK;
}

int
place_do(struct cli *c, const struct place *p, const char *method, json_t *more)
{
	json_t *reply = NULL;
	int rc        = place_ask(c, p, method, more, &reply);

	json_decref(reply);
	return rc;
}
