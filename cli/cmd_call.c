/*
 * cmd_call.c - any method of the scripting interface; the answer as JSON.  A
 * secret for the binary frame comes from --password-stdin or --password-file.
 */
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/password.h"

int
cmd_call(struct cli *c)
{
	const char *text  = c->args.n_operands > 1 ? c->args.operands[1] : "{}";
	json_t *request, *reply = NULL;
	json_error_t e;
	struct password p = { 0 };
	int rc;

	request = json_loads(text, 0, &e);
	if (!json_is_object(request)) {
		json_decref(request);
		return cli_misused("call: no JSON object: %s", request ? text : e.text);
	}
	if (options_has(&c->args, OPT_PASSWORD_STDIN) || options_has(&c->args, OPT_PASSWORD_FILE)) {
		rc = password_get(&p, &c->args, false);
		if (rc != EXIT_OK) {
			json_decref(request);
			return rc;
		}
	}
	rc = ask(c, c->args.operands[0], c->args.operands[0], request, SPAN(p.s, p.n), &reply);
	password_free(&p);
	if (rc == EXIT_OK)
		json_print(reply);
	json_decref(reply);
	return rc;
}
