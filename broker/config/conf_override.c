/*
 * conf_override.c - what the command line says, on top of the file.
 *
 * --rw, --guest and --user speak about the shares that --share names; a listen
 * address on the command line replaces those of the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "broker/config/conf_keys.h"

struct overrides {
	bool rw, guest;
	char only[TEXT_BOUND + 1];	/* the same users, separated by commas */
	bool only_full;			/* … but not all: the shares' lists have to do */
	struct conf_listeners listen;
	char users[CONF_TEXT_MAX / 64]; /* as a `valid users` list */
	size_t first_share;		/* shares from here on are ours */
};

typedef void override_fn(struct conf *, struct overrides *, const char *value);

/* Sets a key as a line of the file would. */
static void
key_override(struct conf *c, void *obj, const char *option, const char *key, const char *value)
{
	const struct conf_key *k = conf_key_find(key);
	char allowed[320];

	ENSURE(k != NULL);
	if (!conf_value_set(k, value, obj))
		conf_problem(c, CONF_LINE_CLI, "--%s cannot be %s: expected %s", option,
			     log_qs(value), conf_value_allowed(k, allowed, sizeof allowed));
}

static void
override_listen(struct conf *c, struct overrides *o, const char *value)
{
	struct conf_global one = { 0 };

	if (o->listen.n == CONF_LISTEN_MAX) {
		conf_problem(c, CONF_LINE_CLI, "more than %u times --listen", CONF_LISTEN_MAX);
		return;
	}
	key_override(c, &one, "listen", "listen", value);
	if (one.listen.n > 0)
		o->listen.v[o->listen.n++] = one.listen.v[0];
}

static void
override_share(struct conf *c, struct overrides *o, const char *value)
{
	const char *eq = strchr(value, '=');
	struct conf_share *s;
	char *name;

	(void)o;
	if (!eq || eq == value || eq[1] == '\0') {
		conf_problem(c, CONF_LINE_CLI, "--share %s: expected NAME=PATH", log_qs(value));
		return;
	}
	name		 = xstrdup(value);
	name[eq - value] = '\0';
	s		 = conf_share_new(c, name, CONF_LINE_CLI);
	if (s)
		key_override(c, s, "share", "path", eq + 1);
	free(name);
}

static void
override_user(struct conf *c, struct overrides *o, const char *value)
{
	size_t n = strlen(o->users), m = strlen(o->only);

	if ((size_t)snprintf(o->only + m, sizeof o->only - m, "%s%s", m ? "," : "", value) >=
	    sizeof o->only - m)
		o->only_full = true;
	if ((size_t)snprintf(o->users + n, sizeof o->users - n, "\"%s\" ", value) >=
	    sizeof o->users - n)
		conf_problem(c, CONF_LINE_CLI, "too many users");
}

static void
override_rw(struct conf *c, struct overrides *o, const char *value)
{
	(void)c;
	(void)value;
	o->rw = true;
}

static void
override_guest(struct conf *c, struct overrides *o, const char *value)
{
	(void)c;
	(void)value;
	o->guest = true;
}

static void
override_runtime(struct conf *c, struct overrides *o, const char *value)
{
	(void)o;
	key_override(c, &c->global, "runtime-directory", "runtime directory", value);
}

static void
override_state(struct conf *c, struct overrides *o, const char *value)
{
	(void)o;
	key_override(c, &c->global, "state-directory", "state directory", value);
}

static const struct {
	const char *word; /* what options.c calls it */
	override_fn *fn;
} overrides[] = {
	{ "listen=", override_listen },	  { "share=", override_share }, { "user=", override_user },
	{ "runtime=", override_runtime }, { "state=", override_state }, { "rw", override_rw },
	{ "guest", override_guest },
};

static void
override_one(struct conf *c, struct overrides *o, const char *word)
{
	for (size_t i = 0; i < NELEM(overrides); i++) {
		size_t n = strlen(overrides[i].word);

		if (strncmp(word, overrides[i].word, n) == 0) {
			overrides[i].fn(c, o, word + n);
			return;
		}
	}
	fatal("unknown override %s", log_qs(word));
}

/* Where nothing else is served, nobody else need be let in as far as a share. */
static void
logons_adjust(struct conf *c, const struct overrides *o)
{
	if (o->first_share > 0 || o->only_full || !o->only[0])
		return;
	free(c->global.only_users);
	c->global.only_users = xstrdup(o->only);
}

static void
shares_adjust(struct conf *c, const struct overrides *o)
{
	if (c->n_shares == o->first_share && (o->rw || o->guest || o->users[0]))
		conf_problem(
		    c, CONF_LINE_CLI,
		    "--rw, --guest and --user say something about --share, and there is none");
	for (size_t i = o->first_share; i < c->n_shares; i++) {
		struct conf_share *s = &c->shares[i];

		s->read_only = !o->rw;
		s->guest_ok  = s->guest_ok || o->guest;
		if (o->users[0])
			key_override(c, s, "user", "valid users", o->users);
	}
}

void
conf_override(struct conf *c, char *const *words, size_t n)
{
	struct overrides *o = xcalloc(1, sizeof *o);

	o->first_share = c->n_shares;
	for (size_t i = 0; i < n; i++)
		override_one(c, o, words[i]);
	if (o->listen.n > 0)
		c->global.listen = o->listen;
	shares_adjust(c, o);
	logons_adjust(c, o);
	free(o);
}
