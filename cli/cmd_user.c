/*
 * cmd_user.c - user add, passwd, del, list.  A password or hash travels as the
 * request's binary frame, never in JSON.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/password.h"
#include "cli/print.h"

static bool
is_nt_hash(const char *s)
{
	return strlen(s) == 32 && strspn(s, "0123456789abcdefABCDEF") == 32;
}

static int
set_secret(struct cli *c, const char *method, const char *kind, struct span secret)
{
	const char *name = c->args.operands[0];

	return ask_done(c, name, method, json_pack("{s:s, s:s}", "name", name, "kind", kind),
	    secret);
}

static int
set_password(struct cli *c, const char *method)
{
	struct password p;
	int rc = password_get(&p, &c->args, true);

	if (rc != EXIT_OK)
		return rc;
	rc = set_secret(c, method, "password", SPAN(p.s, p.n));
	password_free(&p);
	return rc;
}

static int
set_either(struct cli *c, const char *method)
{
	const char *hash = options_value(&c->args, OPT_NT_HASH);

	if (!hash)
		return set_password(c, method);
	if (!is_nt_hash(hash))
		return cli_misused("--nt-hash: 32 hexadecimal digits are wanted");
	return set_secret(c, method, "nt_hash", SPAN_STR(hash));
}

int
cmd_user_add(struct cli *c)
{
	return set_either(c, "user.add");
}

int
cmd_user_passwd(struct cli *c)
{
	return set_either(c, "user.passwd");
}

int
cmd_user_del(struct cli *c)
{
	const char *name = c->args.operands[0];

	return ask_done(c, name, "user.del", json_pack("{s:s}", "name", name), SPAN_NONE);
}

static const struct column user_columns[] = {
	{ "USER", "name", COLUMN_TEXT },
	{ "CREATED", "created", COLUMN_TIME },
	{ "CHANGED", "changed", COLUMN_TIME },
	{ "DISABLED", "disabled", COLUMN_FLAG },
};

int
cmd_user_list(struct cli *c)
{
	return list_command(c, "user.list", "users", user_columns, NELEM(user_columns));
}
