/* ask.c - ask the api one thing; turn a refusal into a message and an exit code. */
#include "cli/ask.h"

#include <stdio.h>
#include <string.h>

#include "base/nt.h"
#include "cli/api.h"
#include "cli/values.h"

static struct {
	json_t *refusal;
	bool printed;
} output;

void
json_print(const json_t *j)
{
	output.printed = true;
	(void)json_dumpf(j, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	(void)putchar('\n');
}

void
text_print(const struct cli *c, const char *key, const char *text)
{
	json_t *out = c->json ? json_pack("{s:s}", key, text) : NULL;

	if (out)
		json_print(out);
	else
		printf("%s\n", text);
	json_decref(out);
}

void
json_refusal(const json_t *reply)
{
	json_decref(output.refusal);
	output.refusal = json_deep_copy(reply);
}

bool
refused_with(const char *status)
{
	const json_t *s = json_object_get(output.refusal, "status");

	return strcmp(json_str_get(s, "name"), status) == 0;
}

void
json_settle(const struct cli *c)
{
	if (c->json && output.refusal && !output.printed)
		json_print(output.refusal);
	json_decref(output.refusal);
	output.refusal = NULL;
	output.printed = false;
}

/* The server's own sentence if it sent one, else the status's. */
static int
refusal(const char *what, const json_t *reply, nt status)
{
	const char *message = json_string_value(json_object_get(reply, "message"));

	json_refusal(reply);
	(void)cli_refused("%s: %s (%s)", what, message ? message : nt_sentence(status),
	    nt_name(status));
	if (nt_is(status, STATUS_NO_LOGON_SERVERS))
		return cli_refused("KDCs are those of the configuration (realm, kdc), else of DNS; "
				   "see bulkhead.conf(5)");
	return EXIT_REFUSED;
}

int
ask(struct cli *c, const char *what, const char *method, json_t *request, struct span binary,
    json_t **ret)
{
	json_t *reply   = NULL;
	const char *why = "";
	nt status;
	bool answered = api_call(c->api, method, request, binary, &reply, &status, &why);

	json_decref(request);
	if (!answered)
		return cli_refused("%s: %s", what, why);
	if (nt_failed(status)) {
		int rc = refusal(what, reply, status);

		json_decref(reply);
		return rc;
	}
	*ret = reply;
	return EXIT_OK;
}

int
ask_done(struct cli *c, const char *what, const char *method, json_t *request, struct span binary)
{
	json_t *reply = NULL;
	int rc        = ask(c, what, method, request, binary, &reply);

	if (rc == EXIT_OK && c->json)
		json_print(reply);
	json_decref(reply);
	return rc;
}
