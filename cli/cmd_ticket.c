/*
 * cmd_ticket.c - ticket request, list, renew, export, import, make: Kerberos tickets
 * as files of their owner and as handles of a running instance.  Files are read
 * and written here, with the caller's own rights; keys never go to a terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/credential.h"
#include "cli/print.h"
#include "cli/ticket_file.h"
#include "cli/values.h"

#define WHAT	   "ticket"
#define LIFE_MAX   (400u * 24 * 3600)
/* ipc/msg/cred.msg.h */
#define TYPE_SERVICE_KEY  7
#define KERBEROS_REQUIRED 1

/* A credential to work on: one that is kept, or one of the options that goes when we do. */
struct subject {
	json_t *cred;
	bool ours;
};

static const struct column columns[] = {
	{ "CLIENT", "client", COLUMN_TEXT },	 { "SERVER", "server", COLUMN_TEXT },
	{ "ETYPE", "etype", COLUMN_NUMBER },	 { "STARTS", "starts", COLUMN_TIME },
	{ "ENDS", "ends", COLUMN_TIME },	 { "RENEW UNTIL", "renew_until", COLUMN_TIME },
};

static json_t *
request_of(const struct subject *s)
{
	json_t *request = json_object();

	(void)json_object_set(request, "cred", s->cred);
	return request;
}

static int
subject_kept(const char *text, struct subject *ret)
{
	char *end = NULL;
	json_int_t id;

	errno = 0;
	id    = strtoll(text, &end, 10);
	if (errno != 0 || *end || id <= 0)
		return cli_misused("%s: not the number of a credential", text);
	*ret = (struct subject){ json_integer(id), false };
	return EXIT_OK;
}

/* The operand's credential, or the one that the options describe. */
static int
subject_get(struct cli *c, const char *operand, struct subject *ret)
{
	const char *user = options_value(&c->args, OPT_USER);
	int rc;

	*ret = (struct subject){ 0 };
	if (operand)
		return subject_kept(operand, ret);
	rc = credential_get(c, user, WHAT, &ret->cred);
	if (rc == EXIT_OK && !ret->cred)
		return cli_misused("whose?  Give a credential's number, --user, --ccache, "
				   "--keytab or --ticket, or set KRB5CCNAME");
	ret->ours = true;
	return rc;
}

static void
subject_drop(struct cli *c, struct subject *s)
{
	json_t *reply = NULL;

	if (s->cred && s->ours && ask(c, WHAT, "cred.drop", request_of(s), SPAN_NONE, &reply) == EXIT_OK)
		json_decref(reply);
	json_decref(s->cred);
	*s = (struct subject){ 0 };
}

static int
export_to(struct cli *c, const struct subject *s, const char *path)
{
	json_t *request = request_of(s), *reply = NULL;
	const int form = ticket_form(&path);
	uint8_t *p;
	size_t n = 0;
	int rc;

	(void)json_object_set_new(request, "form", json_integer(form));
	rc = ask(c, WHAT, "ticket.export", request, SPAN_NONE, &reply);
	if (rc != EXIT_OK)
		return rc;
	p = secret_alloc(TICKET_FILE_MAX);
	if (ticket_bytes(json_string_value(json_object_get(reply, "material")), p, &n))
		rc = ticket_file_replace(path, p, n);
	else
		rc = cli_refused("the answer makes no sense");
	secret_free(p, TICKET_FILE_MAX);
	json_decref(reply);
	return rc;
}

/* ---- showing ---- */

static int
tickets_get(struct cli *c, const struct subject *s, json_t **ret)
{
	return ask(c, WHAT, "ticket.list", request_of(s), SPAN_NONE, ret);
}

/* The tickets, and the number by which they may be used again, if they stay. */
static int
show(struct cli *c, const struct subject *s)
{
	json_t *reply = NULL;
	int rc	      = tickets_get(c, s, &reply);

	if (rc != EXIT_OK)
		return rc;
	if (!s->ours)
		(void)json_object_set(reply, "cred", s->cred);
	if (c->json) {
		json_print(reply);
	} else {
		table_print(json_object_get(reply, "tickets"), columns, NELEM(columns));
		if (!s->ours)
			printf("credential %" JSON_INTEGER_FORMAT "\n", json_integer_value(s->cred));
	}
	json_decref(reply);
	return EXIT_OK;
}

/* What was got goes to --out, or stays with a running instance, or is only shown. */
static int
keep(struct cli *c, struct subject *s)
{
	const char *out = options_value(&c->args, OPT_OUT);
	int rc		= EXIT_OK;

	if (out)
		rc = export_to(c, s, out);
	else if (!c->alone)
		s->ours = false;
	return rc == EXIT_OK ? show(c, s) : rc;
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
	json_t *request = request_of(s), *reply = NULL;
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
	rc = ask(c, spn ? spn : WHAT, "ticket.request", request, SPAN_NONE, &reply);
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
		rc = show(c, &s);
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
		rc = ask(c, WHAT, "ticket.renew", request_of(&s), SPAN_NONE, &reply);
	json_decref(reply);
	if (rc == EXIT_OK && file)
		rc = export_to(c, &s, file);
	if (rc == EXIT_OK)
		rc = show(c, &s);
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
		rc = export_to(c, &s, out);
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
		rc     = show(c, &s);
	}
	subject_drop(c, &s);
	return rc;
}
