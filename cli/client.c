/* client.c - opens, keeps and closes sessions with servers. */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/nt.h"
#include "base/secret.h"
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/credential.h"
#include "cli/values.h"

#define TIMEOUT_SECONDS 30
#define CHANNELS_MAX    8
/* ipc/msg/client.msg.h and conf.msg.h: bits and words of client.open. */
#define OPEN_RECONNECT 1u
#define OPEN_GUEST_OK  2u
#define OPEN_BACKUP    4u
#define OPEN_DFS       8u
#define OPEN_NO_LINKS  16u
#define OPEN_NO_CACHE  0x20u
#define POLICY_REQUIRED 2
#define POLICY_OFFERED  3

struct client *
client_new(void)
{
	struct client *cl = xcalloc(1, sizeof *cl);

	cl->last_job = random_u64() >> 16;	/* other commands of this user number theirs as well */
	return cl;
}

static const struct {
	const char *word;
	int number;
} dialects[] = {
	{ "2.0.2", 0x0202 }, { "2.02", 0x0202 }, { "2.1", 0x0210 }, { "2.1.0", 0x0210 },
	{ "3.0", 0x0300 }, { "3.0.0", 0x0300 }, { "3.0.2", 0x0302 }, { "3.02", 0x0302 },
	{ "3.1.1", 0x0311 }, { "3.11", 0x0311 },
};

static int
add_dialect(json_t *request, const struct cli_args *args, enum cli_option o, const char *key)
{
	const char *word = options_value(args, o);

	if (!word)
		return EXIT_OK;
	for (size_t i = 0; i < NELEM(dialects); i++) {
		if (strcmp(word, dialects[i].word) == 0)
			return json_object_set_new(request, key,
				   json_integer(dialects[i].number)) == 0 ? EXIT_OK : EXIT_REFUSED;
	}
	return cli_misused("--%s: 2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1, not \"%s\"", option_name(o), word);
}

static int
check_dialects(const json_t *request)
{
	const json_t *least = json_object_get(request, "min_dialect");
	const json_t *most  = json_object_get(request, "max_dialect");

	if (least && most && json_integer_value(least) > json_integer_value(most))
		return cli_misused("--min-dialect is newer than --max-dialect: nothing is left");
	return EXIT_OK;
}

static void
add_word(json_t *request, const struct cli_args *args, enum cli_option o)
{
	const char *word = options_value(args, o);

	if (word)
		(void)json_object_set_new(request, option_name(o), json_string(word));
}

static json_int_t
policy(const struct cli_args *args, enum cli_option required)
{
	return options_has(args, required) ? POLICY_REQUIRED : POLICY_OFFERED;
}

static unsigned
open_flags(const struct client *cl, const struct cli_args *args)
{
	static const struct {
		enum cli_option option;
		unsigned flag;
	} rows[] = {
		{ OPT_GUEST, OPEN_GUEST_OK }, { OPT_BACKUP, OPEN_BACKUP }, { OPT_DFS, OPEN_DFS },
		{ OPT_NO_LINKS, OPEN_NO_LINKS }, { OPT_NO_CACHE, OPEN_NO_CACHE },
	};
	unsigned flags = OPEN_RECONNECT | (cl->backup ? OPEN_BACKUP : 0);

	for (size_t i = 0; i < NELEM(rows); i++)
		flags |= options_has(args, rows[i].option) ? rows[i].flag : 0;
	return flags;
}

/* What the options say about a session. */
static int
add_options(json_t *request, const struct client *cl, const struct cli_args *args)
{
	unsigned long seconds, channels;
	int rc = option_number(args, OPT_TIMEOUT, TIMEOUT_SECONDS, 120, &seconds);

	if (rc == EXIT_OK)
		rc = option_number(args, OPT_CHANNELS, 1, CHANNELS_MAX, &channels);
	if (rc == EXIT_OK)
		rc = add_dialect(request, args, OPT_MIN_DIALECT, "min_dialect");
	if (rc == EXIT_OK)
		rc = add_dialect(request, args, OPT_MAX_DIALECT, "max_dialect");
	if (rc == EXIT_OK)
		rc = check_dialects(request);
	if (rc != EXIT_OK)
		return rc;
	add_word(request, args, OPT_SPN);
	add_word(request, args, OPT_WORKSTATION);
	(void)json_object_update_new(request,
	    json_pack("{s:I, s:I, s:I, s:I, s:I}", "signing", policy(args, OPT_REQUIRE_SIGNING),
		"encrypt", policy(args, OPT_REQUIRE_ENCRYPTION), "timeout_ms",
		(json_int_t)seconds * 1000, "flags", (json_int_t)open_flags(cl, args), "channels",
		(json_int_t)channels));
	return EXIT_OK;
}

static int
remote_open(struct cli *c, struct remote *r)
{
	char text[URL_TEXT];
	json_t *request = json_pack("{s:s, s:i}", "host", r->where.host, "port", r->where.port);
	int rc          = add_options(request, c->client, &c->args);

	if (rc != EXIT_OK) {
		json_decref(request);
		return rc;
	}
	if (r->cred)
		(void)json_object_set(request, "cred", r->cred);
	api_set_patience(c->api, 24 * 3600);	/* the session process keeps the time */
	rc = ask(c, url_print(&r->where, text), "client.open", request, SPAN_NONE, &r->info);
	if (rc != EXIT_OK && refused_with("STATUS_BAD_NETWORK_PATH"))
		(void)cli_refused("no address was found for the name %s", r->where.host);
	if (rc != EXIT_OK && !r->cred &&
	    (refused_with("STATUS_ACCESS_DENIED") || refused_with("STATUS_LOGON_FAILURE")))
		(void)cli_refused("nobody was named to log on as: -U NAME, or smb://NAME@%s/...",
		    r->where.host);
	return rc;
}

static const char *
user_of(const struct cli *c, const struct url *u)
{
	const char *user = options_value(&c->args, OPT_USER);

	return u->user[0] ? u->user : user;
}

/* A server as a user; what is in the list may have lost its session. */
static struct remote *
remote_known(const struct client *cl, const struct url *u, const char *user)
{
	for (struct remote *r = cl->remotes; r; r = r->next) {
		if (r->where.port == u->port && strcasecmp(r->where.host, u->host) == 0 &&
		    (!user || strcmp(r->where.user, user) == 0))
			return r;
	}
	return NULL;
}

static void
remote_free(struct remote *r)
{
	json_decref(r->cred);
	json_decref(r->info);
	free(r);
}

static struct remote *
remote_new(const struct url *u, const char *user)
{
	struct remote *r = xcalloc(1, sizeof *r);

	r->where          = *u;
	r->where.share[0] = r->where.path[0] = '\0';
	if (user)
		(void)snprintf(r->where.user, sizeof r->where.user, "%s", user);
	return r;
}

int
remote_find(struct cli *c, const struct url *u, struct remote **ret)
{
	const char *user = user_of(c, u);
	struct remote *r = remote_known(c->client, u, user);
	int rc;

	if (r) {
		*ret = r;
		return r->info ? EXIT_OK : remote_open(c, r);
	}
	r  = remote_new(u, user);
	rc = credential_get(c, user, u->host, &r->cred);
	if (rc == EXIT_OK)
		rc = remote_open(c, r);
	if (rc != EXIT_OK) {
		remote_free(r);
		return rc;
	}
	r->next            = c->client->remotes;
	c->client->remotes = r;
	*ret               = r;
	return EXIT_OK;
}

void
remote_lost(struct remote *r)
{
	json_decref(r->info);
	r->info = NULL;
}

static void
remote_close(struct cli *c, struct remote *r)
{
	json_t *request = json_object(), *reply = NULL;
	const char *why;
	nt status;

	(void)json_object_set(request, "session", json_object_get(r->info, "session"));
	if (r->info && api_call(c->api, "client.close", request, SPAN_NONE, &reply, &status, &why))
		json_decref(reply);
	json_decref(request);
}

void
remote_end(struct cli *c, struct remote *r)
{
	remote_close(c, r);
	remote_lost(r);
}

static void
cred_drop(struct cli *c, struct remote *r)
{
	json_t *request = json_object(), *reply = NULL;
	const char *why;
	nt status;

	(void)json_object_set(request, "cred", r->cred);
	if (r->cred && api_call(c->api, "cred.drop", request, SPAN_NONE, &reply, &status, &why))
		json_decref(reply);
	json_decref(request);
}

void
client_drop(struct cli *c, struct client *cl)
{
	if (!cl)
		return;
	if (c->api)
		api_set_patience(c->api, 5);
	while (cl->remotes) {
		struct remote *r = cl->remotes;

		cl->remotes = r->next;
		remote_close(c, r);
		cred_drop(c, r);
		remote_free(r);
	}
	free(cl);
}
