/*
 * cmd_keys.c - keys create, list, revoke: who may ask from other machines.  The
 * pair is made here and the server is told the public half only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "base/secret.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/key_file.h"
#include "cli/print.h"

/* The place is there before the key is: a key that nobody has is of no use. */
static FILE *
out_open(const char *path)
{
	int fd  = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	return path ? f : stdout;
}

/* The first address only; a wildcard says nothing about where the machine is. */
static void
connect_take(struct key_file *k, const char *remote)
{
	size_t n = strcspn(remote, " ");

	if (n < sizeof k->connect && strncmp(remote, "tcp://0.0.0.0:", 14) != 0 &&
	    strncmp(remote, "tcp://[::]:", 11) != 0)
		memcpy(k->connect, remote, n);
}

static int
key_add(struct cli *c, const char *name, struct key_file *k)
{
	json_t *request = json_pack("{s:s, s:s, s:b, s:b}", "name", name, "public", k->public, "admin",
				    options_has(&c->args, OPT_ADMIN), "storage",
				    options_has(&c->args, OPT_STORAGE));
	json_t *reply	= NULL;
	int rc		= ask(c, name, "key.add", request, SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	(void)snprintf(k->server, sizeof k->server, "%s",
		       json_string_value(json_object_get(reply, "server_key")));
	connect_take(k, json_string_value(json_object_get(reply, "remote")));
	if (!c->alone && json_string_length(json_object_get(reply, "remote")) == 0)
		(void)cli_refused("note: `api listen` is not set, so nobody can come yet");
	json_decref(reply);
	return EXIT_OK;
}

static int
out_close(FILE *f, const char *path)
{
	bool ok = fflush(f) == 0 && (f == stdout || fsync(fileno(f)) == 0);

	if (f != stdout)
		ok = fclose(f) == 0 && ok;
	return ok ? EXIT_OK : cli_refused("%s: %s", path ? path : "stdout", strerror(errno));
}

int
cmd_keys_create(struct cli *c)
{
	const char *name  = c->args.operands[0];
	const char *path  = options_value(&c->args, OPT_OUT);
	FILE *f		  = out_open(path);
	struct key_file k = { 0 };
	int rc;

	if (!f)
		return cli_refused("%s: %s", path, strerror(errno));
	if (zmq_curve_keypair(k.public, k.secret) != 0)
		rc = cli_refused("no CURVE in this libzmq: %s", zmq_strerror(errno));
	else
		rc = key_add(c, name, &k);
	if (rc == EXIT_OK)
		key_file_write(f, name, &k);
	secret_wipe(&k, sizeof k);
	if (rc == EXIT_OK)
		return out_close(f, path);
	(void)out_close(f, path);
	if (path)
		(void)unlink(path);
	return rc;
}

static const struct column key_columns[] = {
	{ "NAME", "name", COLUMN_TEXT },     { "ADMIN", "admin", COLUMN_FLAG },
	{ "STORAGE", "storage", COLUMN_FLAG },
	{ "REVOKED", "revoked", COLUMN_FLAG }, { "ADDED", "added", COLUMN_TIME },
	{ "PUBLIC KEY", "public", COLUMN_TEXT },
};

int
cmd_keys_list(struct cli *c)
{
	return list_command(c, "key.list", "keys", key_columns, NELEM(key_columns));
}

int
cmd_keys_revoke(struct cli *c)
{
	const char *name = c->args.operands[0];

	return ask_done(c, name, "key.revoke", json_pack("{s:s}", "name", name), SPAN_NONE);
}
