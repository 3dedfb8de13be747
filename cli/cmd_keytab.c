/*
 * cmd_keytab.c - keytab add, del, list: the keys by which this server opens
 * Kerberos tickets.  A key travels as the request's binary frame, and may come
 * from stdin, where no list of processes shows it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/password.h"
#include "cli/print.h"

static const struct key_kind {
	enum cli_option option;
	unsigned etype;		/* [RFC3962] 7, [RFC4757] 9 */
	size_t digits;
} kinds[] = {
	{ OPT_AES256, 18, 64 },
	{ OPT_AES128, 17, 32 },
	{ OPT_RC4, 23, 32 },
};

/* Room for one line from stdin. */
struct digits {
	char line[PASSWORD_MAX + 1];
	struct span s;
};

static int
digits_get(const struct key_kind *k, const char *value, struct digits *d)
{
	size_t n = 0;

	d->s = SPAN_STR(value);
	if (strcmp(value, "-") == 0) {
		if (password_read_line(stdin, d->line, &n) != PASSWORD_OK)
			return cli_refused("stdin has no line with the key");
		d->s = SPAN(d->line, n);
	}
	for (size_t i = 0; i < d->s.n; i++) {
		if (!strchr("0123456789abcdefABCDEF", d->s.p[i]) || d->s.p[i] == '\0')
			return cli_misused("--%s: only hexadecimal digits are wanted",
			    option_name(k->option));
	}
	if (d->s.n != k->digits)
		return cli_misused("--%s: %zu hexadecimal digits are wanted",
		    option_name(k->option), k->digits);
	return EXIT_OK;
}

/* The version: 1 to 2^31-1; without it the first. */
static int
kvno_get(const struct cli *c, json_int_t *ret)
{
	const char *text = options_value(&c->args, OPT_KVNO);
	char *end;

	*ret = 1;
	if (!text)
		return EXIT_OK;
	errno = 0;
	*ret  = strtol(text, &end, 10);
	if (errno || *end || end == text || *ret < 1 || *ret > INT32_MAX)
		return cli_misused("--kvno: a number from 1 is wanted");
	return EXIT_OK;
}

static int
key_send(struct cli *c, const struct key_kind *k, const char *value, json_int_t kvno)
{
	const char *name = c->args.operands[0];
	struct digits d;
	int rc = digits_get(k, value, &d);

	if (rc == EXIT_OK)
		rc = ask_done(c, name, "keytab.add",
		    json_pack("{s:s, s:i, s:I, s:s}", "principal", name, "etype", (int)k->etype,
			"kvno", kvno, "kind", "key"),
		    d.s);
	secret_wipe(&d, sizeof d);
	return rc;
}

int
cmd_keytab_add(struct cli *c)
{
	json_int_t kvno;
	unsigned sent = 0;
	int rc        = kvno_get(c, &kvno);

	for (size_t i = 0; i < NELEM(kinds) && rc == EXIT_OK; i++) {
		const char *value = options_value(&c->args, kinds[i].option);

		if (!value)
			continue;
		rc = key_send(c, &kinds[i], value, kvno);
		sent++;
	}
	if (rc == EXIT_OK && sent == 0)
		return cli_misused("--aes256 or --aes128 and a key in hexadecimal digits are "
				   "wanted (\"-\": from stdin)");
	return rc;
}

int
cmd_keytab_del(struct cli *c)
{
	const char *name = c->args.operands[0];

	return ask_done(c, name, "keytab.del", json_pack("{s:s}", "principal", name), SPAN_NONE);
}

static const struct column key_columns[] = {
	{ "PRINCIPAL", "principal", COLUMN_TEXT },
	{ "KVNO", "kvno", COLUMN_NUMBER },
	{ "ETYPE", "etype", COLUMN_NUMBER },
	{ "FROM", "origin", COLUMN_TEXT },
	{ "ADDED", "added", COLUMN_TIME },
};

int
cmd_keytab_list(struct cli *c)
{
	return list_command(c, "keytab.list", "keys", key_columns, NELEM(key_columns));
}
