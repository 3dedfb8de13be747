/*
 * cmd_ticket.c - ticket request, list, renew, export, import, make: Kerberos tickets
 * as files of their owner and as handles of a running instance.  Files are read
 * and written here, with the caller's own rights; keys never go to a terminal.
 */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/credential.h"
#include "cli/print.h"
#include "cli/ticket_subject.h"
#include "cli/values.h"

#define LIFE_MAX   (400u * 24 * 3600)
/* ipc/msg/cred.msg.h */
#define TYPE_SERVICE_KEY  7
#define KERBEROS_REQUIRED 1

/* What was got goes to --out, or stays with a running instance, or is only shown. */
static int
keep(struct cli *c, struct subject *s)
{
	const char *out = options_value(&c->args, OPT_OUT);
	int rc		= EXIT_OK;

	if (out)
		rc = subject_export(c, s, out);
	else if (!c->alone)
		s->ours = false;
	return rc == EXIT_OK ? subject_show(c, s) : rc;
}

/* ---- the commands ---- */

static int
seconds_add(json_t *request, const struct cli_args *args, enum cli_option o, const char *key)
{
	unsigned long n;
	int rc = option_number(args, o, 0, LIFE_MAX, &n);

	if (rc == EXIT_OK && n > 0)
		(void)json_object_set_new(request, key, json_integer((json_int_t)n));
	return rc;
}

static int
request_one(struct cli *c, const struct subject *s, const char *spn)
{
	json_t *request = subject_request(s), *reply = NULL;
	int rc;

	if (spn)
		(void)json_object_set_new(request, "spn", json_string(spn));
	rc = seconds_add(request, &c->args, OPT_LIFETIME, "lifetime_s");
	if (rc == EXIT_OK)
		rc = seconds_add(request, &c->args, OPT_RENEWABLE, "renewable_s");
	if (rc != EXIT_OK) {
		json_decref(request);
		return rc;
	}
	rc = ask(c, spn ? spn : TICKET_WHAT, "ticket.request", request, SPAN_NONE, &reply);
	json_decref(reply);
	return rc;
}

int
cmd_ticket_request(struct cli *c)
{
	struct subject s;
	int rc = subject_get(c, NULL, &s);

	if (rc == EXIT_OK && c->args.n_operands == 0)
		rc = request_one(c, &s, NULL);
	for (size_t i = 0; i < c->args.n_operands && rc == EXIT_OK; i++)
		rc = request_one(c, &s, c->args.operands[i]);
	if (rc == EXIT_OK)
		rc = keep(c, &s);
	subject_drop(c, &s);
	return rc;
}

static const char *
operand(const struct cli *c)
{
	return c->args.n_operands > 0 ? c->args.operands[0] : NULL;
}

static const struct column cred_columns[] = {
	{ "CREDENTIAL", "cred", COLUMN_NUMBER }, { "USER", "user", COLUMN_TEXT },
	{ "DOMAIN", "domain", COLUMN_TEXT },	 { "TICKETS", "tickets", COLUMN_NUMBER },
	{ "FIRST ENDS", "expires", COLUMN_TIME }, { "CREATED", "created", COLUMN_TIME },
	{ "USED", "used", COLUMN_TIME },
};

/* Of one credential, or which credentials there are. */
int
cmd_ticket_list(struct cli *c)
{
	struct subject s;
	int rc;

	if (!operand(c) && !(options_mask(&c->args) & CREDENTIAL_OPTIONS) && !c->alone)
		return list_command(c, "cred.list", "creds", cred_columns, NELEM(cred_columns));
	rc = subject_get(c, operand(c), &s);
	if (rc == EXIT_OK)
		rc = subject_show(c, &s);
	subject_drop(c, &s);
	return rc;
}

/* The file that the tickets came from is the one that the renewed go to. */
static const char *
renewed_file(const struct cli *c)
{
	const char *out	  = options_value(&c->args, OPT_OUT);
	const char *cache = options_value(&c->args, OPT_CCACHE);

	return out ? out : cache ? cache : operand(c) ? NULL : credential_environment_ccache();
}

int
cmd_ticket_renew(struct cli *c)
{
	const char *file = renewed_file(c);
	json_t *reply	 = NULL;
	struct subject s;
	int rc = subject_get(c, operand(c), &s);

	if (rc == EXIT_OK)
		rc = ask(c, TICKET_WHAT, "ticket.renew", subject_request(&s), SPAN_NONE, &reply);
	json_decref(reply);
	if (rc == EXIT_OK && file)
		rc = subject_export(c, &s, file);
	if (rc == EXIT_OK)
		rc = subject_show(c, &s);
	subject_drop(c, &s);
	return rc;
}

int
cmd_ticket_export(struct cli *c)
{
	const char *out = options_value(&c->args, OPT_OUT);
	struct subject s;
	int rc;

	if (!out)
		return cli_misused("--out: which file?");
	rc = subject_get(c, operand(c), &s);
	if (rc == EXIT_OK)
		rc = subject_export(c, &s, out);
	subject_drop(c, &s);
	return rc;
}

/* Tickets that the service's own key makes; nobody is asked. */
static int
make(struct cli *c, const char *user, const char *key, struct subject *ret)
{
	const char *spn	= c->args.operands[0];
	json_t *request = json_pack("{s:i, s:i, s:s, s:s}", "type", TYPE_SERVICE_KEY, "kerberos",
	      KERBEROS_REQUIRED, "kind", "secret", "user", user);
	json_t *reply	= NULL;
	int rc;

	(void)json_object_set_new(request, "material", credential_hex(SPAN_STR(spn)));
	rc = ask(c, spn, "cred.create", request, SPAN_STR(key), &reply);
	if (rc == EXIT_OK)
		*ret = (struct subject){ json_incref(json_object_get(reply, "cred")), true };
	json_decref(reply);
	return rc;
}

int
cmd_ticket_make(struct cli *c)
{
	const char *user = options_value(&c->args, OPT_USER);
	const char *key	 = options_value(&c->args, OPT_KEY);
	struct subject s = { 0 };
	int rc;

	if (!user || !key)
		return cli_misused("--user and --key: for whom, and with which key of the service?");
	rc = make(c, user, key, &s);
	if (rc == EXIT_OK)
		rc = keep(c, &s);
	subject_drop(c, &s);
	return rc;
}

int
cmd_ticket_import(struct cli *c)
{
	struct subject s;
	int rc;

	if (c->alone)
		return cli_refused("no instance is running that could keep it; see: ticket export");
	rc = subject_get(c, NULL, &s);
	if (rc == EXIT_OK) {
		s.ours = false;
		rc     = subject_show(c, &s);
	}
	subject_drop(c, &s);
	return rc;
}
