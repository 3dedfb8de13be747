/* ticket_subject.c - see ticket_subject.h.  Keys never go to a terminal. */
#include "cli/ticket_subject.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "cli/ask.h"
#include "cli/credential.h"
#include "cli/print.h"
#include "cli/ticket_file.h"

static const struct column columns[] = {
	{ "CLIENT", "client", COLUMN_TEXT },	 { "SERVER", "server", COLUMN_TEXT },
	{ "ETYPE", "etype", COLUMN_NUMBER },	 { "STARTS", "starts", COLUMN_TIME },
	{ "ENDS", "ends", COLUMN_TIME },	 { "RENEW UNTIL", "renew_until", COLUMN_TIME },
};

json_t *
subject_request(const struct subject *s)
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
int
subject_get(struct cli *c, const char *operand, struct subject *ret)
{
	const char *user = options_value(&c->args, OPT_USER);
	int rc;

	*ret = (struct subject){ 0 };
	if (operand)
		return subject_kept(operand, ret);
	rc = credential_get(c, user, TICKET_WHAT, &ret->cred);
	if (rc == EXIT_OK && !ret->cred)
		return cli_misused("whose?  Give a credential's number, --user, --ccache, "
				   "--keytab or --ticket, or set KRB5CCNAME");
	ret->ours = true;
	return rc;
}

void
subject_drop(struct cli *c, struct subject *s)
{
	json_t *reply = NULL;

	if (s->cred && s->ours && ask(c, TICKET_WHAT, "cred.drop", subject_request(s), SPAN_NONE, &reply) == EXIT_OK)
		json_decref(reply);
	json_decref(s->cred);
	*s = (struct subject){ 0 };
}

int
subject_export(struct cli *c, const struct subject *s, const char *path)
{
	json_t *request = subject_request(s), *reply = NULL;
	const int form = ticket_form(&path);
	uint8_t *p;
	size_t n = 0;
	int rc;

	(void)json_object_set_new(request, "form", json_integer(form));
	rc = ask(c, TICKET_WHAT, "ticket.export", request, SPAN_NONE, &reply);
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
	return ask(c, TICKET_WHAT, "ticket.list", subject_request(s), SPAN_NONE, ret);
}

/* The tickets, and the number by which they may be used again, if they stay. */
int
subject_show(struct cli *c, const struct subject *s)
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
