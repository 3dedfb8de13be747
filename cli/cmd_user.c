/*
 * cmd_user.c - user add, passwd, del, list, locks, unlock.  A password or hash travels as the
 * request's binary frame, never in JSON.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf16.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/lists.h"
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
	{ "LOCKED OUT FROM", "locked_from", COLUMN_NUMBER },
};

/* Lock-outs are of an account from an address: how many addresses there are. */
static void
count_locks(const json_t *users, const json_t *locks)
{
	json_t *user, *lock;
	size_t i, k;

	json_array_foreach(users, i, user) {
		const char *name = json_string_value(json_object_get(user, "name"));
		json_int_t n     = 0;

		json_array_foreach(locks, k, lock) {
			const char *who = json_string_value(json_object_get(lock, "user"));

			n += name && who && utf8_casecmp(name, who) == 0;
		}
		(void)json_object_set_new(user, "locked_from", json_integer(n));
	}
}

int
cmd_user_list(struct cli *c)
{
	json_t *reply = NULL;
	int rc        = ask(c, c->cmd->name, "user.list", json_object(), SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	count_locks(json_object_get(reply, "users"), json_object_get(reply, "lockouts"));
	if (c->json)
		json_print(reply);
	else
		table_print(json_object_get(reply, "users"), user_columns, NELEM(user_columns));
	json_decref(reply);
	return EXIT_OK;
}

const struct column lock_columns[] = {
	{ "USER", "user", COLUMN_TEXT },
	{ "CLIENT", "client", COLUMN_TEXT },
	{ "FAILURES", "failures", COLUMN_NUMBER },
	{ "UNTIL", "until", COLUMN_TIME },
};
const size_t lock_n_columns = NELEM(lock_columns);

int
cmd_user_locks(struct cli *c)
{
	return list_command(c, "user.locks", "lockouts", lock_columns, lock_n_columns);
}

int
cmd_user_unlock(struct cli *c)
{
	const char *who = c->args.operands[0];

	return ask_done(c, who, "user.unlock", json_pack("{s:s}", "who", who), SPAN_NONE);
}
