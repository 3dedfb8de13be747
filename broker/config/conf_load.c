/*
 * conf_load.c - the file's items become struct conf; every problem is noted with
 * its line and reading goes on, so that one run shows them all.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "broker/config/conf_keys.h"
#include "broker/config/ini.h"

static void
key_unknown(struct conf *c, unsigned line, const char *name)
{
	const char *why		     = conf_key_refusal(name);
	const struct conf_key *guess = why ? NULL : conf_key_suggest(name);

	if (why)
		conf_problem(c, line, "%s", why);
	else if (guess)
		conf_problem(c, line, "unknown key %s: did you mean `%s`?", log_qs(name),
			     guess->name);
	else
		conf_problem(c, line, "unknown key %s", log_qs(name));
}

static void
key_set(struct conf *c, struct conf_share *s, const struct ini_item *it)
{
	const struct conf_key *k = conf_key_find(it->name);
	char allowed[320];
	void *obj;

	if (!k) {
		key_unknown(c, it->line, it->name);
		return;
	}
	if (k->scope == CONF_GLOBAL && s != &c->base) {
		conf_problem(c, it->line, "`%s` belongs into [global]", k->name);
		return;
	}
	obj = k->scope == CONF_GLOBAL ? (void *)&c->global : (void *)s;
	if (!conf_value_set(k, it->value, obj))
		conf_problem(c, it->line, "`%s` cannot be %s: expected %s", k->name,
			     log_qs(it->value), conf_value_allowed(k, allowed, sizeof allowed));
}

/* ---- the file ---- */

enum pass { PASS_GLOBAL, PASS_SHARES };

/*
 * [global] first, wherever it stands, so that shares start from its defaults.
 * What belongs to no section is complained about in the first pass.
 */
static void
file_pass(struct conf *c, struct span text, enum pass pass)
{
	struct ini in;
	struct ini_item it;
	bool in_global = false, nowhere = true;
	struct conf_share *s = NULL;

	ini_open(&in, text);
	while (ini_next(&in, &it)) {
		if (it.kind == INI_SECTION) {
			nowhere	  = false;
			in_global = strcasecmp(it.name, "global") == 0;
			s	  = NULL;
			if (!in_global && pass == PASS_SHARES)
				s = conf_share_new(c, it.name, it.line);
		} else if (it.kind == INI_BAD) {
			if (pass == PASS_GLOBAL)
				conf_problem(c, it.line, "%s", it.problem);
		} else if (nowhere) {
			if (pass == PASS_GLOBAL)
				conf_problem(c, it.line, "%s stands before any section",
					     log_qs(it.name));
		} else if (in_global && pass == PASS_GLOBAL) {
			key_set(c, &c->base, &it);
		} else if (s) {
			key_set(c, s, &it);
		}
	}
}

void
conf_read(struct conf *c, struct span text)
{
	if (text.n > CONF_TEXT_MAX) {
		conf_problem(c, 1, "the file is larger than 1 MiB");
		return;
	}
	file_pass(c, text, PASS_GLOBAL);
	file_pass(c, text, PASS_SHARES);
}

/* ---- life ---- */

void
conf_init(struct conf *c, const char *file, const struct conf_host *host)
{
	memset(c, 0, sizeof *c);
	c->file = file;
	for (size_t i = 0; i < conf_keys_n; i++) {
		const struct conf_key *k = &conf_keys[i];
		void *obj = k->scope == CONF_GLOBAL ? (void *)&c->global : (void *)&c->base;

		if (k->fallback)
			ENSURE(conf_value_set(k, k->fallback, obj));
	}
	conf_string_copy(&c->global.netbios_name, host->name);
	conf_string_copy(&c->global.runtime_dir, host->runtime_dir);
	conf_string_copy(&c->global.state_dir, host->state_dir);
}

void
conf_drop(struct conf *c)
{
	char *strings[] = { c->global.workgroup,     c->global.netbios_name,
			    c->global.server_string, c->global.guest_account,
			    c->global.realm,	     c->global.keytab,
			    c->global.krb_services,  c->global.api_admins, c->global.api_users,
			    c->global.idmap_file,    c->global.unmapped_user,
			    c->global.only_users,    c->global.spn_names,     c->global.storage_hosts,
			    c->global.runtime_dir,   c->global.state_dir,     c->global.join_key,
			    c->global.kdcs,	     c->global.controllers,
			    c->global.machine_account, c->global.machine_password,
			    c->global.machine_password_file };

	for (size_t i = 0; i < NELEM(strings); i++)
		free(strings[i]);
	conf_words_drop(&c->global.allowed_roots);
	conf_words_drop(&c->global.operators);
	conf_words_drop(&c->global.api_keys);
	conf_share_clear(&c->base);
	for (size_t i = 0; i < c->n_shares; i++)
		conf_share_clear(&c->shares[i]);
	free(c->shares);
	for (size_t i = 0; i < c->n_problems; i++)
		free(c->problems[i].text);
	free(c->problems);
	memset(c, 0, sizeof *c);
}
